"""Convolution by the fast Fourier transform: a product of spectra, the kernel's conjugated because it is not flipped.

With F the discrete Fourier transform of length L in each dimension, F(y) = Σ_c F(x_c) · conj(F(w_c)) as long as no
window wraps around (Mathieu, Henaff and LeCun, "Fast training of convolutional networks through FFTs", 2014). L is a
power of two. Outputs of every position are computed, and those of the strides kept.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfftn, rfftn

from qref.conv.cost import Cost, Shapes
from qref.conv.geometry import Geometry, on_image
from qref.errors import Unsupported


def lengths(geometry: Geometry, image: tuple[int, ...]) -> tuple[int, ...]:
    """L in each dimension: the power of two that takes all the padded image under the windows, s·(o − 1) + extent."""
    output = geometry.output(image)
    spans = [geometry.strides[i] * max(o - 1, 0) + geometry.extent(i) for i, o in enumerate(output)]
    return tuple(1 << (span - 1).bit_length() for span in spans)


def spectra(
    signals: NDArray[Any], L: tuple[int, ...], there: tuple[slice, ...], here: tuple[slice, ...], out: NDArray[Any]
) -> None:
    """The spectrum of each signal [C, …] whose elements `here` are laid at the places `there` of L zeros.

    Args:
        out: [C, L1, …, Ln/2 + 1]: the other half of a real signal's spectrum is the conjugate of this one.
    """
    laid = np.zeros(L, signals.dtype)
    for c, signal in enumerate(signals):
        laid[there] = signal[here]
        out[c] = rfftn(laid)


def fft(x: NDArray[Any], w: NDArray[Any], geometry: Geometry) -> NDArray[Any]:
    """Arguments and result as `qref.conv.direct.direct`, float32 and float64 in their own arithmetic.

    Integers are computed in float64 and rounded to the nearest: exact, as the error is below 1/2 by the bound.

    Raises:
        Unsupported: integers so large that the bound does not exclude an error of 1/2.
    """
    dtype = np.result_type(x, w)
    if dtype.kind == "f":
        return correlated(x, w, geometry).astype(dtype, copy=False)
    error = bound(x, w, geometry).max(initial=0.0) * 2.0**-53
    if error >= 0.5:
        raise Unsupported(f"integers by FFT in float64 may be off by {error:.2g}: they are exact below 1/2")
    y = correlated(x.astype(np.float64), w.astype(np.float64), geometry)
    # by int64, which holds them all: a float beyond the range of a narrower type becomes no certain integer
    return np.rint(y, out=y).astype(np.int64).astype(dtype)


def correlated(x: NDArray[Any], w: NDArray[Any], geometry: Geometry) -> NDArray[Any]:
    """The convolution of real numbers: spectra of all images, then output channel by output channel."""
    (N, C), (M, C_g), n = x.shape[:2], w.shape[:2], x.ndim - 2
    image = x.shape[2:]
    output, L = geometry.output(image), lengths(geometry, image)
    placed = [on_image(-geometry.pads_begin[i], 1, L[i], image[i]) for i in range(n)]
    there, here = tuple(place for place, _ in placed), tuple(pixel for _, pixel in placed)
    half, complex_ = (*L[:-1], L[-1] // 2 + 1), np.result_type(x, np.complex64)
    X, W, Y = (np.empty((*channels, *half), complex_) for channels in ((N, C), (C_g,), ()))
    for i in range(N):
        spectra(x[i], L, there, here, out=X[i])
    spread = tuple(slice(0, geometry.extent(i), geometry.dilations[i]) for i in range(n))
    kept = tuple(slice(0, s * o, s) for s, o in zip(geometry.strides, output))
    y = np.empty((N, M, *output), x.dtype)
    for m in range(M):
        first = m // (M // geometry.group) * C_g
        spectra(w[m], L, spread, (slice(None),) * n, out=W)
        np.conjugate(W, out=W)
        for i in range(N):
            np.einsum("c...,c...->...", X[i, first : first + C_g], W, out=Y)
            y[i, m] = irfftn(Y, L)[kept]
    return y


def bound(x: NDArray[Any], w: NDArray[Any], geometry: Geometry) -> NDArray[np.float64]:
    """γ · Σ_c ‖x_c‖₂ ‖w_c‖₁ for every output of an image and output channel: norm-wise, the same at all positions.

    A transform of length L is off by at most ε = 7·u·log₂ L of its result in the 2-norm (Higham, "Accuracy and
    stability of numerical algorithms", theorem 24.2, with weights rounded to u; radix 4 rounds no more often than
    radix 2). Three of them lie on the way to an output: those of x_c and w_c, each error weighted by the other's
    norm, and the inverse, weighted by ‖x_c * w_c‖₂ ≤ ‖x_c‖₂ ‖w_c‖₁. Between them lie a complex product (√2·γ₂ < 3u)
    and the sum of C of them. One u more covers the rounding of the exact value. Together k, and γ = k / (1 − k·u).
    """
    dtype = np.result_type(x, w)
    u = np.finfo(dtype).eps / 2 if dtype.kind == "f" else 2.0**-53
    G, M = geometry.group, w.shape[0]
    image = x.shape[2:]
    k = 3 * 7 * math.log2(math.prod(lengths(geometry, image))) + w.shape[1] + 4
    signal = np.linalg.norm(x.astype(np.float64).reshape(x.shape[0], G, 1, w.shape[1], math.prod(image)), axis=-1)
    kernel = np.abs(w.astype(np.float64)).reshape(1, G, M // G, w.shape[1], math.prod(geometry.kernel)).sum(axis=-1)
    sums = (signal * kernel).sum(axis=-1).reshape(x.shape[0], M, *[1] * len(image))
    gamma = k / (1 - k * u) if k * u < 1 else np.inf
    return np.broadcast_to(gamma * sums, (x.shape[0], M, *geometry.output(image))).copy()


def cost(shapes: Shapes) -> Cost:
    """Transforms by radix-2 butterflies (4 multiplications, 6 additions for two complex numbers), half for real ones.

    Workspace: the spectra of all images, those of one output channel's kernels, and that of the output channel, its
    copy that the inverse works in, and its outputs at every position.
    """
    (N, C), (M, C_g), geometry = shapes.x[:2], shapes.w[:2], shapes.geometry
    L = lengths(geometry, shapes.image)
    length, half = math.prod(L), math.prod(L[:-1]) * (L[-1] // 2 + 1)
    butterflies = length * (length.bit_length() - 1) // 2
    transforms, products = N * C + M * C_g + N * M, N * M * C_g * half
    X, W, Y = N * C * half, M * C_g * half, N * M * half
    pair = 2 * shapes.itemsize
    return Cost(
        multiplications=transforms * butterflies * 4 // 2 + 4 * products,
        additions=transforms * butterflies * 6 // 2 + 4 * products,
        bytes_read=shapes.input_bytes + shapes.weight_bytes + (X + W + Y) * pair,
        bytes_written=(X + W + Y) * pair + shapes.output_bytes,
        workspace=(N * C + C_g + 3) * half * pair,
    )
