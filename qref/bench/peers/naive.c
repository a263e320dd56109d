/* Direct convolution of float32 [C, H, W] as one writes it down: what a C compiler alone makes of it. */
#include <stddef.h>

/* Window by window, the sum in a register. */
void textbook(const float *x, const float *w, float *y, long C, long H, long W, long M, long R, long S, long stride_h,
              long stride_w, long pad_h, long pad_w, long out_h, long out_w)
{
    for (long m = 0; m < M; m++)
        for (long p = 0; p < out_h; p++)
            for (long q = 0; q < out_w; q++) {
                float sum = 0;
                for (long c = 0; c < C; c++)
                    for (long r = 0; r < R; r++) {
                        long i = p * stride_h + r - pad_h;
                        if (i < 0 || i >= H)
                            continue;
                        for (long s = 0; s < S; s++) {
                            long j = q * stride_w + s - pad_w;
                            if (j >= 0 && j < W)
                                sum += x[(c * H + i) * W + j] * w[((m * C + c) * R + r) * S + s];
                        }
                    }
                y[(m * out_h + p) * out_w + q] = sum;
            }
}

/* Weight by weight, the innermost loop along a row of outputs, which a compiler can make vectors of. */
void rows(const float *restrict x, const float *restrict w, float *restrict y, long C, long H, long W, long M, long R,
          long S, long stride_h, long stride_w, long pad_h, long pad_w, long out_h, long out_w)
{
    for (long k = 0; k < M * out_h * out_w; k++)
        y[k] = 0;
    for (long m = 0; m < M; m++)
        for (long c = 0; c < C; c++)
            for (long r = 0; r < R; r++)
                for (long s = 0; s < S; s++) {
                    float weight = w[((m * C + c) * R + r) * S + s];
                    long first = 0, last = out_w;
                    while (first < last && first * stride_w + s - pad_w < 0)
                        first++;
                    while (last > first && (last - 1) * stride_w + s - pad_w >= W)
                        last--;
                    for (long p = 0; p < out_h; p++) {
                        long i = p * stride_h + r - pad_h;
                        if (i < 0 || i >= H)
                            continue;
                        const float *pixels = x + (c * H + i) * W;
                        float *sums = y + (m * out_h + p) * out_w;
                        for (long q = first; q < last; q++)
                            sums[q] += weight * pixels[q * stride_w + s - pad_w];
                    }
                }
}
