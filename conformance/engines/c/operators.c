/* SPDX-License-Identifier: CC0-1.0
 *
 * The quantized ONNX operators in integers only: an independent second reference, and an example engine.
 *
 * No floating-point arithmetic happens in this file. Where a text fixes a step in float32, float16 or bfloat16 (the
 * division of QuantizeLinear, say), the operands are decoded into significand and exponent, the step is done exactly,
 * and the result is rounded once, half to even, into that format. Where a text means real numbers (the scales of
 * QLinearConv), the whole quotient is kept exact until its one rounding. So the answers depend on no compiler, no
 * flag and no machine.
 *
 * Sections: wide integers · exact values and their rounding · float formats · float steps · integers ·
 * granularity · QuantizeLinear and its inverse · requantization rules · convolution · matrix product · the table.
 * An engine of your own needs the last section, and its own functions in place of the others.
 */
#include "qref_engine.h"

/* ------------------------------------------------------------------------------------------- wide integers
 *
 * Nonnegative, 320 bits. The largest values: an accumulator times two scales, 64 + 24 + 24 bits, moved by less than
 * 128 to meet its denominator; and the sum of two float32 of any exponents, 24 + 254 bits.
 */

#define LIMBS 10

typedef struct {
    uint32_t limb[LIMBS];      /* the lowest first */
} wide;

static wide wide_of(uint64_t value)
{
    wide w;
    memset(&w, 0, sizeof w);
    w.limb[0] = (uint32_t)(value & 0xFFFFFFFF);
    w.limb[1] = (uint32_t)(value >> 32);
    return w;
}

static int bit_length(const wide *w)
{
    int i, bits = 0;
    uint32_t top;
    for (i = LIMBS - 1; i > 0 && w->limb[i] == 0; i--) {}
    for (top = w->limb[i]; top; top >>= 1) bits++;
    return 32 * i + bits;
}

static wide shifted_left(const wide *w, int bits)
{
    wide result = wide_of(0);
    int whole = bits / 32, part = bits % 32, i;
    for (i = LIMBS - 1; i >= whole; i--) {
        result.limb[i] = w->limb[i - whole] << part;
        if (part && i > whole) result.limb[i] |= w->limb[i - whole - 1] >> (32 - part);
    }
    return result;
}

static void halve(wide *w)
{
    int i;
    for (i = 0; i < LIMBS; i++) w->limb[i] = w->limb[i] >> 1 | (i + 1 < LIMBS ? w->limb[i + 1] << 31 : 0);
}

static int compare(const wide *a, const wide *b)
{
    int i;
    for (i = LIMBS - 1; i >= 0; i--)
        if (a->limb[i] != b->limb[i]) return a->limb[i] < b->limb[i] ? -1 : 1;
    return 0;
}

static wide sum(const wide *a, const wide *b)
{
    wide result;
    uint64_t carry = 0;
    int i;
    for (i = 0; i < LIMBS; i++) {
        carry += (uint64_t)a->limb[i] + b->limb[i];
        result.limb[i] = (uint32_t)(carry & 0xFFFFFFFF);
        carry >>= 32;
    }
    return result;
}

static void subtract(wide *a, const wide *b)      /* a >= b */
{
    uint64_t borrow = 0;
    int i;
    for (i = 0; i < LIMBS; i++) {
        uint64_t difference = (uint64_t)a->limb[i] - b->limb[i] - borrow;
        a->limb[i] = (uint32_t)(difference & 0xFFFFFFFF);
        borrow = difference >> 63;
    }
}

static wide product_with_limb(const wide *a, uint32_t b)
{
    wide result;
    uint64_t carry = 0;
    int i;
    for (i = 0; i < LIMBS; i++) {
        carry += (uint64_t)a->limb[i] * b;
        result.limb[i] = (uint32_t)(carry & 0xFFFFFFFF);
        carry >>= 32;
    }
    return result;
}

static wide product(const wide *a, uint64_t b)
{
    wide low = product_with_limb(a, (uint32_t)(b & 0xFFFFFFFF)), high = product_with_limb(a, (uint32_t)(b >> 32));
    high = shifted_left(&high, 32);
    return sum(&low, &high);
}

/* --------------------------------------------------------------------------- exact values and their rounding */

typedef struct {
    int negative;
    wide numerator;
    uint64_t denominator;      /* never zero */
    int exponent;              /* value = ±numerator/denominator · 2^exponent */
} exact;

typedef enum { FINITE, INFINITE, NOT_A_NUMBER } real_class;

typedef struct {
    real_class kind;
    int negative;              /* a zero and an infinity have a sign too */
    uint64_t significand;
    int exponent;              /* value = ±significand · 2^exponent */
} real;

typedef enum { HALF_EVEN, HALF_AWAY } tie_rule;

static exact exact_of(real a)
{
    exact v;
    v.negative = a.negative;
    v.numerator = wide_of(a.significand);
    v.denominator = 1;
    v.exponent = a.exponent;
    return v;
}

static exact times(exact v, real a)
{
    v.negative ^= a.negative;
    v.numerator = product(&v.numerator, a.significand);
    v.exponent += a.exponent;
    return v;
}

/* Division by a nonzero value, once for each exact value: the denominator has 64 bits. */
static exact over(exact v, real a)
{
    v.negative ^= a.negative;
    v.denominator = a.significand;
    v.exponent -= a.exponent;
    return v;
}

/* floor(log2(|v|)), v not zero. */
static int binary_order(const exact *v)
{
    wide n = v->numerator, d = wide_of(v->denominator);
    int places = bit_length(&n) - bit_length(&d);
    if (places > 0) d = shifted_left(&d, places);
    else n = shifted_left(&n, -places);
    return places + v->exponent - (compare(&n, &d) < 0);
}

/* n / d rounded, by long division; the quotient must fit 64 bits. */
static uint64_t rounded_quotient(wide n, wide d, tie_rule ties)
{
    int bit = bit_length(&n) - bit_length(&d), beyond_half;
    uint64_t quotient = 0;
    if (bit > 0) d = shifted_left(&d, bit);
    for (; bit >= 0; bit--) {
        quotient <<= 1;
        if (compare(&n, &d) >= 0) {
            subtract(&n, &d);
            quotient |= 1;
        }
        if (bit > 0) halve(&d);
    }
    n = shifted_left(&n, 1);
    beyond_half = compare(&n, &d);
    return quotient + (beyond_half > 0 || (beyond_half == 0 && (ties == HALF_AWAY || (quotient & 1))));
}

#define HUGE_MAGNITUDE ((uint64_t)1 << 62)

/* |v| / 2^unit rounded to an integer. Whatever reaches 2^62 is given as 2^62: every caller clamps long before. */
static uint64_t rounded_magnitude(const exact *v, int unit, tie_rule ties)
{
    wide n = v->numerator, d = wide_of(v->denominator);
    int shift = v->exponent - unit, length = bit_length(&n), order;
    if (length == 0) return 0;
    order = length - bit_length(&d) + shift;      /* 2^(order-1) < value < 2^(order+1) */
    if (order > 62) return HUGE_MAGNITUDE;
    if (order < -1) return 0;
    if (shift > 0) n = shifted_left(&n, shift);
    else d = shifted_left(&d, -shift);
    return rounded_quotient(n, d, ties);
}

static int64_t rounded(const exact *v, tie_rule ties)
{
    uint64_t magnitude = rounded_magnitude(v, 0, ties);
    if (magnitude > HUGE_MAGNITUDE) magnitude = HUGE_MAGNITUDE;
    return v->negative ? -(int64_t)magnitude : (int64_t)magnitude;
}

/* -------------------------------------------------------------------------------------------- float formats */

#define NO_CODE (~(uint64_t)0)

typedef struct {
    qref_dtype dtype;
    int sign_bit, fraction_bits, bias;
    uint64_t largest, infinity, nan;      /* codes without sign; NO_CODE where the format has no such value */
    int negative_zero;                    /* the fnuz formats use its code for their only NaN */
} float_format;

static const float_format formats[] = {
    {QREF_FLOAT64, 63, 52, 1023, UINT64_C(0x7FEFFFFFFFFFFFFF), UINT64_C(0x7FF0000000000000),
     UINT64_C(0x7FF8000000000000), 1},
    {QREF_FLOAT32, 31, 23, 127, 0x7F7FFFFF, 0x7F800000, 0x7FC00000, 1},
    {QREF_FLOAT16, 15, 10, 15, 0x7BFF, 0x7C00, 0x7E00, 1},
    {QREF_BFLOAT16, 15, 7, 127, 0x7F7F, 0x7F80, 0x7FC0, 1},
    {QREF_FLOAT8E4M3FN, 7, 3, 7, 0x7E, NO_CODE, 0x7F, 1},
    {QREF_FLOAT8E4M3FNUZ, 7, 3, 8, 0x7F, NO_CODE, 0x80, 0},
    {QREF_FLOAT8E5M2, 7, 2, 15, 0x7B, 0x7C, 0x7F, 1},
    {QREF_FLOAT8E5M2FNUZ, 7, 2, 16, 0x7F, NO_CODE, 0x80, 0},
    {QREF_FLOAT4E2M1, 3, 1, 1, 0x7, NO_CODE, NO_CODE, 1},
};

/* The format of a float dtype; null for integers and for float8e8m0, which has neither sign nor fraction. */
static const float_format *format_of(qref_dtype dtype)
{
    size_t i;
    for (i = 0; i < sizeof formats / sizeof *formats; i++)
        if (formats[i].dtype == dtype) return &formats[i];
    return NULL;
}

static real finite(int negative, uint64_t significand, int exponent)
{
    real a;
    a.kind = FINITE;
    a.negative = negative;
    a.significand = significand;
    a.exponent = exponent;
    return a;
}

static real special(real_class kind, int negative)
{
    real a = finite(negative, 0, 0);
    a.kind = kind;
    return a;
}

static real real_of_int(int64_t value)
{
    return value < 0 ? finite(1, (uint64_t)-(value + 1) + 1, 0) : finite(0, (uint64_t)value, 0);
}

/* The exponent of the last place of subnormal and of the smallest normal numbers. */
static int smallest_unit(const float_format *f) { return 1 - f->bias - f->fraction_bits; }

static real decoded(const float_format *f, uint64_t bits)
{
    uint64_t sign = (uint64_t)1 << f->sign_bit, code = bits & (sign - 1);
    int negative = (bits & sign) != 0, biased = (int)(code >> f->fraction_bits);
    uint64_t hidden = (uint64_t)1 << f->fraction_bits, fraction = code & (hidden - 1);
    if (!f->negative_zero && bits == sign) return special(NOT_A_NUMBER, 0);
    if (code > f->largest) return special(code == f->infinity ? INFINITE : NOT_A_NUMBER, negative);
    if (biased == 0) return finite(negative, fraction, smallest_unit(f));
    return finite(negative, fraction | hidden, smallest_unit(f) + biased - 1);
}

/* The code, without sign, of |v| rounded half to even with unlimited exponents: above f->largest on overflow.
 * Codes count upwards through subnormal and normal numbers, so a carry into the exponent needs no care. */
static uint64_t rounded_code(const exact *v, const float_format *f)
{
    int unit, steps;
    if (bit_length(&v->numerator) == 0) return 0;
    unit = binary_order(v) - f->fraction_bits;
    if (unit < smallest_unit(f)) unit = smallest_unit(f);
    steps = unit - smallest_unit(f);
    if (steps > (int)(f->largest >> f->fraction_bits)) return f->largest + 1;
    return ((uint64_t)steps << f->fraction_bits) + rounded_magnitude(v, unit, HALF_EVEN);
}

/* One rounding into a float format, as IEEE 754 has it: overflow gives infinity, subnormals are kept. */
static real rounded_to(exact v, const float_format *f)
{
    uint64_t code = rounded_code(&v, f);
    if (code > f->largest) return special(INFINITE, v.negative);
    return decoded(f, code | (uint64_t)v.negative << f->sign_bit);
}

/* The bits of a value that the format holds. */
static uint64_t encoded(real a, const float_format *f)
{
    uint64_t sign = (uint64_t)a.negative << f->sign_bit;
    exact v = exact_of(a);
    if (a.kind == NOT_A_NUMBER) return f->nan;
    if (a.kind == INFINITE) return f->infinity | sign;
    return rounded_code(&v, f) | sign;
}

/* An element of any float dtype, or an integer, as it stands. */
static real element(const qref_tensor *t, size_t i)
{
    const float_format *f = format_of(t->dtype);
    uint64_t bits = qref_bits(t, i);
    if (f) return decoded(f, bits);
    if (t->dtype == QREF_FLOAT8E8M0) return bits == 0xFF ? special(NOT_A_NUMBER, 0) : finite(0, 1, (int)bits - 127);
    return real_of_int(qref_int(t, i));
}

static int is_zero(real a) { return a.kind == FINITE && a.significand == 0; }

/* ----------------------------------------------------------------------------- float steps, one rounding each */

static real converted(real a, const float_format *f)
{
    return a.kind == FINITE ? rounded_to(exact_of(a), f) : a;
}

static real multiplied(real a, real b, const float_format *f)
{
    int negative = a.negative ^ b.negative;
    if (a.kind == NOT_A_NUMBER || b.kind == NOT_A_NUMBER) return special(NOT_A_NUMBER, 0);
    if (a.kind == INFINITE || b.kind == INFINITE)
        return special(is_zero(a) || is_zero(b) ? NOT_A_NUMBER : INFINITE, negative);
    return rounded_to(times(exact_of(a), b), f);
}

static real divided(real a, real b, const float_format *f)
{
    int negative = a.negative ^ b.negative;
    if (a.kind == NOT_A_NUMBER || b.kind == NOT_A_NUMBER) return special(NOT_A_NUMBER, 0);
    if (a.kind == INFINITE) return special(b.kind == INFINITE ? NOT_A_NUMBER : INFINITE, negative);
    if (b.kind == INFINITE) return finite(negative, 0, 0);
    if (is_zero(b)) return special(is_zero(a) ? NOT_A_NUMBER : INFINITE, negative);
    return rounded_to(over(exact_of(a), b), f);
}

/* The sum of two values that are not negative. */
static real added(real a, real b, const float_format *f)
{
    exact v = exact_of(a), w = exact_of(b);
    int unit = a.exponent < b.exponent ? a.exponent : b.exponent;
    v.numerator = shifted_left(&v.numerator, a.exponent - unit);
    w.numerator = shifted_left(&w.numerator, b.exponent - unit);
    v.numerator = sum(&v.numerator, &w.numerator);
    v.exponent = unit;
    return rounded_to(v, f);
}

/* Whether |a| < |b|, both finite. */
static int is_smaller(real a, real b)
{
    exact v = exact_of(a), w = exact_of(b);
    int unit = a.exponent < b.exponent ? a.exponent : b.exponent;
    v.numerator = shifted_left(&v.numerator, a.exponent - unit);
    w.numerator = shifted_left(&w.numerator, b.exponent - unit);
    return compare(&v.numerator, &w.numerator) < 0;
}

/* ------------------------------------------------------------------------------------------------- integers */

static int64_t lowest(qref_dtype dtype)
{
    return qref_info(dtype)->family == 'i' ? -((int64_t)1 << (qref_info(dtype)->bits - 1)) : 0;
}

static int64_t highest(qref_dtype dtype)      /* up to 32 bits */
{
    return ((int64_t)1 << (qref_info(dtype)->bits - (qref_info(dtype)->family == 'i'))) - 1;
}

static int64_t clamped(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

static int fits_int32(int64_t value) { return value >= INT32_MIN && value <= INT32_MAX; }

/* value / 2^bits rounded down. C leaves >> of negative values to the compiler; ~ turns "down" into "toward zero". */
static int64_t floor_shift(int64_t value, int bits) { return value >= 0 ? value >> bits : ~(~value >> bits); }

static int is_one_of(qref_dtype dtype, const qref_dtype *list, size_t count)
{
    size_t i;
    for (i = 0; i < count; i++)
        if (list[i] == dtype) return 1;
    return 0;
}

static int is_8_bit(const qref_tensor *t) { return t->dtype == QREF_INT8 || t->dtype == QREF_UINT8; }

static qref_status check_opset(const qref_request *request, qref_answer *answer, const int *known)
{
    for (; *known; known++)
        if (*known == request->opset) return QREF_OK;
    return qref_unsupported(answer, "opset %" PRId64 " is no version of this operator", request->opset);
}

/* ---------------------------------------------------------------------------------------------- granularity
 *
 * Which element of scale and zero point belongs to element i of the data.
 */

typedef enum { PER_TENSOR, PER_AXIS, BLOCKED } granularity_kind;

typedef struct {
    granularity_kind kind;
    int axis;
    int64_t inner;       /* elements behind one step along the axis */
    int64_t length;      /* of the axis */
    int64_t block, blocks;
} granularity;

static qref_status set_axis(qref_answer *answer, const qref_tensor *x, int64_t axis, granularity *g)
{
    int i;
    g->axis = (int)(axis < 0 ? axis + x->rank : axis);
    if (axis < -x->rank || axis >= x->rank)
        return qref_error(answer, "axis %" PRId64 " is outside a tensor of rank %d", axis, x->rank);
    g->length = x->shape[g->axis];
    g->inner = 1;
    for (i = g->axis + 1; i < x->rank && x->count; i++) g->inner *= x->shape[i];
    return QREF_OK;
}

static qref_status set_per_axis(qref_answer *answer, const qref_tensor *scale, granularity *g)
{
    g->kind = PER_AXIS;
    if (scale->rank != 1) return qref_error(answer, "a scale of rank %d that is not blocked", scale->rank);
    if (scale->shape[0] != g->length) return qref_error(answer, "the scale's length is not that of the axis");
    return QREF_OK;
}

static qref_status set_blocked(qref_answer *answer, const qref_tensor *x, const qref_tensor *scale, int64_t block,
                               granularity *g)
{
    int i;
    g->kind = BLOCKED;
    g->block = block;
    g->blocks = g->length / block + (g->length % block != 0);
    for (i = 0; i < x->rank; i++)
        if (scale->shape[i] != (i == g->axis ? g->blocks : x->shape[i]))
            return qref_error(answer, "the scale's dimension %d does not fit block_size", i);
    return QREF_OK;
}

/* By the scale's shape: scalar, one for each index of the axis, or one for each block along it. */
static qref_status read_granularity(const qref_request *request, qref_answer *answer, const qref_tensor *x,
                                    const qref_tensor *scale,
                                    granularity *g)
{
    int64_t block = qref_int_attribute(request, answer, "block_size", 0);
    int64_t axis = qref_int_attribute(request, answer, "axis", 1);
    memset(g, 0, sizeof *g);
    if (answer->status != QREF_OK) return answer->status;
    if (block < 0) return qref_error(answer, "block_size is negative");
    if (scale->rank == 0) return QREF_OK;
    if (request->opset == 10) return qref_error(answer, "opset 10 knows scalar scales only");
    if (set_axis(answer, x, axis, g) != QREF_OK) return answer->status;
    if (block > 0 && scale->rank == x->rank) return set_blocked(answer, x, scale, block, g);
    return set_per_axis(answer, scale, g);
}

static size_t parameter_index(const granularity *g, size_t i)
{
    size_t inner = (size_t)g->inner, length = (size_t)g->length, at;
    if (g->kind == PER_TENSOR) return 0;
    at = i / inner % length;
    if (g->kind == PER_AXIS) return at;
    return (i / inner / length * (size_t)g->blocks + at / (size_t)g->block) * inner + i % inner;
}

/* A zero point has the type of the quantized tensor and the shape of the scale. For floats only zero is known here. */
static qref_status check_zero_point(qref_answer *answer, const qref_tensor *zero_point, qref_dtype dtype,
                                    const qref_tensor *scale)
{
    size_t i;
    if (!zero_point) return QREF_OK;
    if (zero_point->dtype != dtype) return qref_error(answer, "the zero point's type is not the quantized type");
    if (!qref_same_shape(zero_point, scale)) return qref_error(answer, "the zero point's shape is not the scale's");
    if (qref_info(dtype)->family == 'f')
        for (i = 0; i < zero_point->count; i++)
            if (!is_zero(element(zero_point, i)))
                return qref_unsupported(answer, "a nonzero zero point of a float type");
    return QREF_OK;
}

static int64_t zero_point_at(const qref_tensor *zero_point, size_t i)
{
    return zero_point ? qref_int(zero_point, i) : 0;
}

/* --------------------------------------------------------------- QuantizeLinear, DequantizeLinear and their types */

static const int quantize_opsets[] = {10, 13, 19, 21, 23, 24, 25, 0};

/* The quantized types in the order in which opsets brought them. */
static const qref_dtype quantized_types[] = {
    QREF_INT8, QREF_UINT8,                                                                       /* 10 */
    QREF_FLOAT8E4M3FN, QREF_FLOAT8E4M3FNUZ, QREF_FLOAT8E5M2, QREF_FLOAT8E5M2FNUZ,                /* 19 */
    QREF_INT16, QREF_UINT16, QREF_INT4, QREF_UINT4,                                              /* 21 */
    QREF_FLOAT4E2M1,                                                                             /* 23 */
    QREF_INT2, QREF_UINT2,                                                                       /* 25 */
};

static int is_quantized_type(int64_t opset, qref_dtype dtype)
{
    return is_one_of(dtype, quantized_types, opset < 19 ? 2 : opset < 21 ? 6 : opset < 23 ? 10 : opset < 25 ? 11 : 13);
}

/* The floats that are computed in: float32, from opset 19 float16 and bfloat16. */
static int is_full_precision(int64_t opset, qref_dtype dtype)
{
    return dtype == QREF_FLOAT32 || (opset >= 19 && (dtype == QREF_FLOAT16 || dtype == QREF_BFLOAT16));
}

/* ONNX TensorProto.DataType; 0 and unknown numbers give 0. */
static int dtype_of_onnx(int64_t number, qref_dtype *dtype)
{
    static const struct {
        int number;
        qref_dtype dtype;
    } table[] = {
        {1, QREF_FLOAT32}, {2, QREF_UINT8}, {3, QREF_INT8}, {4, QREF_UINT16}, {5, QREF_INT16}, {6, QREF_INT32},
        {7, QREF_INT64}, {9, QREF_BOOL}, {10, QREF_FLOAT16}, {11, QREF_FLOAT64}, {12, QREF_UINT32}, {13, QREF_UINT64},
        {16, QREF_BFLOAT16}, {17, QREF_FLOAT8E4M3FN}, {18, QREF_FLOAT8E4M3FNUZ}, {19, QREF_FLOAT8E5M2},
        {20, QREF_FLOAT8E5M2FNUZ}, {21, QREF_UINT4}, {22, QREF_INT4}, {23, QREF_FLOAT4E2M1}, {24, QREF_FLOAT8E8M0},
        {25, QREF_UINT2}, {26, QREF_INT2},
    };
    size_t i;
    for (i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].number == number) {
            *dtype = table[i].dtype;
            return 1;
        }
    return 0;
}

static const char *quantize_attributes(int64_t opset)
{
    return opset < 13 ? "" : opset < 19 ? "axis" : opset < 21 ? "axis saturate"
         : opset < 23 ? "axis saturate block_size output_dtype" : "axis saturate block_size output_dtype precision";
}

static const char *dequantize_attributes(int64_t opset)
{
    return opset < 13 ? "" : opset < 21 ? "axis" : opset < 23 ? "axis block_size" : "axis block_size output_dtype";
}

/* The output's type: the zero point's, else output_dtype, else uint8. */
static qref_status quantize_output(const qref_request *request, qref_answer *answer, const qref_tensor *zero_point,
                                   qref_dtype *dtype)
{
    int64_t number = qref_int_attribute(request, answer, "output_dtype", 0);
    if (answer->status != QREF_OK) return answer->status;
    *dtype = zero_point ? zero_point->dtype : QREF_UINT8;
    if (number) {
        if (!dtype_of_onnx(number, dtype)) return qref_error(answer, "output_dtype %" PRId64 " is no type", number);
        if (zero_point && *dtype != zero_point->dtype)
            return qref_error(answer, "output_dtype is not the zero point's type");
    }
    if (!is_quantized_type(request->opset, *dtype))
        return qref_error(answer, "this opset does not quantize to %s", qref_info(*dtype)->name);
    return QREF_OK;
}

/* The type of the division. From opset 23 the text fixes it: the attribute precision, or y_scale's type. */
static qref_status quantize_precision(const qref_request *request, qref_answer *answer, const qref_tensor *x,
                                      const qref_tensor *scale, const float_format **f)
{
    int64_t opset = request->opset, precision = qref_int_attribute(request, answer, "precision", 0);
    qref_dtype dtype = scale->dtype;
    int known_scale = is_full_precision(opset, dtype) || (opset >= 19 && dtype == QREF_INT32)
                   || (opset >= 24 && dtype == QREF_FLOAT8E8M0);
    if (answer->status != QREF_OK) return answer->status;
    if (!is_full_precision(opset, x->dtype) && x->dtype != QREF_INT32)
        return qref_error(answer, "x has a type that is not allowed");
    if (!known_scale) return qref_error(answer, "y_scale has a type that is not allowed");
    if (opset >= 19 && opset < 23 && dtype != x->dtype) return qref_error(answer, "x and y_scale must have one type");
    if (precision && !dtype_of_onnx(precision, &dtype))
        return qref_error(answer, "precision %" PRId64 " is no type", precision);
    if (!is_full_precision(opset, dtype))
        return qref_unsupported(answer, "no text says how to divide in %s", qref_info(dtype)->name);
    *f = format_of(dtype);
    return QREF_OK;
}

/* saturate(round_half_even(q) + zero_point), the sum exact. No text says what NaN gives; here it counts as 0. */
static int64_t quantized_to_int(real q, int64_t zero_point, qref_dtype dtype)
{
    exact v = exact_of(q);
    if (q.kind == INFINITE) return q.negative ? lowest(dtype) : highest(dtype);
    return clamped(rounded(&v, HALF_EVEN) + zero_point, lowest(dtype), highest(dtype));
}

/* The tables in the text of Cast: saturate decides what lies out of range; float4e2m1 always clamps. Up to Cast-23
 * infinity is NaN in the fnuz types whatever saturate says; from Cast-24 it saturates. */
static uint64_t quantized_to_float(real q, int saturate, int64_t opset, const float_format *f)
{
    exact v = exact_of(q);
    uint64_t code = q.kind == INFINITE ? f->largest + 1 : rounded_code(&v, f);
    uint64_t sign = (uint64_t)q.negative << f->sign_bit;
    if (q.kind == NOT_A_NUMBER) return f->nan == NO_CODE ? f->largest : f->nan;
    if (q.kind == INFINITE && opset < 24 && f->nan != NO_CODE && !f->negative_zero) return f->nan;
    if (code > f->largest && (saturate || f->nan == NO_CODE)) code = f->largest;
    if (code > f->largest) return f->infinity == NO_CODE ? f->nan : f->infinity | sign;
    return code == 0 && !f->negative_zero ? 0 : code | sign;
}

static qref_status quantize_linear(const qref_request *request, qref_answer *answer)
{
    const qref_tensor *x = request->input[0], *scale = request->input[1], *zero_point = request->input[2];
    const float_format *division = NULL, *output;
    granularity g;
    qref_dtype dtype = QREF_UINT8;
    qref_tensor *y;
    int saturate;
    size_t i;
    if (check_opset(request, answer, quantize_opsets) != QREF_OK) return answer->status;
    if (qref_inputs(request, answer, 2, 3) != QREF_OK) return answer->status;
    if (qref_only_attributes(request, answer, quantize_attributes(request->opset)) != QREF_OK) return answer->status;
    if (quantize_output(request, answer, zero_point, &dtype) != QREF_OK) return answer->status;
    if (quantize_precision(request, answer, x, scale, &division) != QREF_OK) return answer->status;
    if (read_granularity(request, answer, x, scale, &g) != QREF_OK) return answer->status;
    if (check_zero_point(answer, zero_point, dtype, scale) != QREF_OK) return answer->status;
    saturate = qref_int_attribute(request, answer, "saturate", 1) != 0;
    if (answer->status != QREF_OK) return answer->status;

    y = qref_output(answer, dtype, x->rank, x->shape);
    if (!y) return answer->status;
    output = format_of(dtype);
    for (i = 0; i < y->count; i++) {
        size_t p = parameter_index(&g, i);
        real q = divided(converted(element(x, i), division), converted(element(scale, p), division), division);
        if (output) qref_set_bits(y, i, quantized_to_float(q, saturate, request->opset, output));
        else qref_set_int(y, i, quantized_to_int(q, zero_point_at(zero_point, p), dtype));
    }
    return QREF_OK;
}

/* The output's type, which is that of the multiplication as well. */
static qref_status dequantize_output(const qref_request *request, qref_answer *answer, const qref_tensor *scale,
                                     qref_dtype *dtype)
{
    int64_t opset = request->opset, number = qref_int_attribute(request, answer, "output_dtype", 0);
    if (answer->status != QREF_OK) return answer->status;
    if (!is_full_precision(opset, scale->dtype) && !(opset >= 24 && scale->dtype == QREF_FLOAT8E8M0))
        return qref_error(answer, "x_scale has a type that is not allowed");
    *dtype = scale->dtype;
    if (number && !dtype_of_onnx(number, dtype))
        return qref_error(answer, "output_dtype %" PRId64 " is no type", number);
    if (!is_full_precision(opset, *dtype))
        return qref_error(answer, "the output cannot be %s", qref_info(*dtype)->name);
    return QREF_OK;
}

static qref_status check_int32_zero_point(qref_answer *answer, const qref_tensor *x, const qref_tensor *zero_point)
{
    size_t i;
    for (i = 0; x->dtype == QREF_INT32 && zero_point && i < zero_point->count; i++)
        if (qref_int(zero_point, i) != 0) return qref_error(answer, "int32 has no zero point but 0");
    return QREF_OK;
}

static qref_status dequantize_linear(const qref_request *request, qref_answer *answer)
{
    const qref_tensor *x = request->input[0], *scale = request->input[1], *zero_point = request->input[2];
    const float_format *f;
    granularity g;
    qref_dtype dtype = QREF_FLOAT32;
    qref_tensor *y;
    size_t i;
    if (check_opset(request, answer, quantize_opsets) != QREF_OK) return answer->status;
    if (qref_inputs(request, answer, 2, 3) != QREF_OK) return answer->status;
    if (qref_only_attributes(request, answer, dequantize_attributes(request->opset)) != QREF_OK) return answer->status;
    if (x->dtype != QREF_INT32 && !is_quantized_type(request->opset, x->dtype))
        return qref_error(answer, "this opset does not dequantize %s", qref_info(x->dtype)->name);
    if (dequantize_output(request, answer, scale, &dtype) != QREF_OK) return answer->status;
    if (read_granularity(request, answer, x, scale, &g) != QREF_OK) return answer->status;
    if (check_zero_point(answer, zero_point, x->dtype, scale) != QREF_OK) return answer->status;
    if (check_int32_zero_point(answer, x, zero_point) != QREF_OK) return answer->status;

    y = qref_output(answer, dtype, x->rank, x->shape);
    if (!y) return answer->status;
    f = format_of(dtype);
    for (i = 0; i < y->count; i++) {
        size_t p = parameter_index(&g, i);
        real d = format_of(x->dtype) ? element(x, i) : real_of_int(qref_int(x, i) - zero_point_at(zero_point, p));
        qref_set_bits(y, i, encoded(multiplied(converted(d, f), converted(element(scale, p), f), f), f));
    }
    return QREF_OK;
}

/* ------------------------------------------------------------------------------------ DynamicQuantizeLinear */

/* max(0, max x) and -min(0, min x); 0 where an element is not finite. */
static int range_of(const qref_tensor *x, real *above, real *below)
{
    size_t i;
    *above = *below = finite(0, 0, 0);
    for (i = 0; i < x->count; i++) {
        real a = element(x, i), *side = a.negative ? below : above;
        if (a.kind != FINITE) return 0;
        a.negative = 0;
        if (is_smaller(*side, a)) *side = a;
    }
    return 1;
}

/* The function body of the text, each step rounded to float32. */
static qref_status dynamic_quantize_linear(const qref_request *request, qref_answer *answer)
{
    static const int opsets[] = {11, 0};
    const float_format *f = format_of(QREF_FLOAT32);
    const qref_tensor *x = request->input[0];
    qref_tensor *y, *y_scale, *y_zero_point;
    real above, below, scale;
    int64_t zero_point;
    size_t i;
    if (check_opset(request, answer, opsets) != QREF_OK) return answer->status;
    if (qref_inputs(request, answer, 1, 1) != QREF_OK) return answer->status;
    if (qref_only_attributes(request, answer, "") != QREF_OK) return answer->status;
    if (x->dtype != QREF_FLOAT32) return qref_error(answer, "x is not float32");
    if (x->count == 0 || !range_of(x, &above, &below))
        return qref_unsupported(answer, "no text fixes an empty or non-finite x");
    scale = divided(added(above, below, f), real_of_int(255), f);
    if (scale.kind != FINITE || encoded(scale, f) < 0x00800000)
        return qref_unsupported(answer, "no text fixes a zero, subnormal or infinite scale");

    zero_point = quantized_to_int(divided(below, scale, f), 0, QREF_UINT8);      /* 0 - min/scale is exact */
    y = qref_output(answer, QREF_UINT8, x->rank, x->shape);
    y_scale = y ? qref_output(answer, QREF_FLOAT32, 0, NULL) : NULL;
    y_zero_point = y_scale ? qref_output(answer, QREF_UINT8, 0, NULL) : NULL;
    if (!y_zero_point) return answer->status;
    for (i = 0; i < x->count; i++)
        qref_set_int(y, i, quantized_to_int(divided(element(x, i), scale, f), zero_point, QREF_UINT8));
    qref_set_bits(y_scale, 0, encoded(scale, f));
    qref_set_int(y_zero_point, 0, zero_point);
    return QREF_OK;
}

/* ------------------------------------------------------------------------------------- requantization rules
 *
 * From an accumulator to the output. A rule returns null, or why the case lies outside its domain.
 */

typedef struct {
    int64_t accumulator;
    real x_scale, w_scale, y_scale;
    int64_t zero_point;
    qref_dtype dtype;
} requantization;

typedef const char *(*requantize_rule)(const requantization *r, int64_t *y);

/* ONNX: the exact acc·sx·sw/sy, one rounding half to even, then the zero point. */
static const char *rule_onnx(const requantization *r, int64_t *y)
{
    exact v = over(times(times(exact_of(real_of_int(r->accumulator)), r->x_scale), r->w_scale), r->y_scale);
    *y = clamped(rounded(&v, HALF_EVEN) + r->zero_point, lowest(r->dtype), highest(r->dtype));
    return NULL;
}

static int is_normal(real a, const float_format *f)
{
    uint64_t code = encoded(a, f);
    return a.kind == FINITE && code >> f->fraction_bits != 0 && code <= f->largest && !a.negative;
}

/* TFLite's QuantizeMultiplier (tensorflow/lite/kernels/internal/quantization_util.cc): sx·sw/sy in float64 as
 * multiplier·2^(shift-31), the multiplier in [2^30, 2^31). */
static const char *quantize_multiplier(const requantization *r, int64_t *multiplier, int *shift)
{
    const float_format *f = format_of(QREF_FLOAT64);
    real combined = divided(multiplied(r->x_scale, r->w_scale, f), r->y_scale, f);
    exact v = exact_of(combined);
    if (!is_normal(combined, f)) return "the combined scale is no positive normal number";
    if (!fits_int32(r->accumulator)) return "the accumulator does not fit int32";
    *shift = binary_order(&v) + 1;      /* frexp: a fraction in [1/2, 1) */
    *multiplier = (int64_t)rounded_magnitude(&v, *shift - 31, HALF_AWAY);
    if (*multiplier == (int64_t)1 << 31) {
        *multiplier /= 2;
        ++*shift;
    }
    if (*shift < -31) *multiplier = *shift = 0;
    return NULL;
}

/* gemmlowp's SaturatingRoundingDoublingHighMul (fixedpoint/fixedpoint.h): its nudge and truncation together round
 * a·b/2^31 to nearest, ties up. It saturates where a = b = INT32_MIN, which cannot be: multipliers are positive. */
static int64_t doubling_high_product(int64_t a, int64_t b) { return floor_shift(a * b + ((int64_t)1 << 30), 31); }

/* gemmlowp's RoundingDivideByPOT: to nearest, ties away from zero. */
static int64_t rounding_divide_by_power(int64_t x, int exponent)
{
    int64_t mask = ((int64_t)1 << exponent) - 1, rest = x - floor_shift(x, exponent) * (mask + 1);
    return floor_shift(x, exponent) + (rest > (mask >> 1) + (x < 0));
}

static const char *with_zero_point(const requantization *r, int64_t result, int64_t *y)
{
    if (!fits_int32(result) || !fits_int32(result + r->zero_point)) return "the result does not fit int32";
    *y = clamped(result + r->zero_point, lowest(r->dtype), highest(r->dtype));
    return NULL;
}

/* TFLite's MultiplyByQuantizedMultiplier with its two roundings. */
static const char *rule_tflite_double(const requantization *r, int64_t *y)
{
    int64_t multiplier, scaled;
    int shift;
    const char *outside = quantize_multiplier(r, &multiplier, &shift);
    if (outside) return outside;
    if (shift > 30) return "the shift is above 30";
    scaled = r->accumulator * ((int64_t)1 << (shift > 0 ? shift : 0));
    if (!fits_int32(scaled)) return "the shifted accumulator does not fit int32";
    scaled = doubling_high_product(scaled, multiplier);
    return with_zero_point(r, rounding_divide_by_power(scaled, shift < 0 ? -shift : 0), y);
}

/* The same of a build with TFLITE_SINGLE_ROUNDING: one rounding, ties up; a larger shift is cut to 30. */
static const char *rule_tflite_single(const requantization *r, int64_t *y)
{
    int64_t multiplier;
    int shift;
    const char *outside = quantize_multiplier(r, &multiplier, &shift);
    if (outside) return outside;
    if (shift > 30) {
        shift = 30;
        multiplier = INT32_MAX;
    }
    return with_zero_point(r, floor_shift(r->accumulator * multiplier + ((int64_t)1 << (30 - shift)), 31 - shift), y);
}

/* XNNPACK's qs8 and qc8 kernels: one float32 scale, one float32 product, half to even; the zero point comes last. */
static const char *rule_xnnpack_fp32(const requantization *r, int64_t *y)
{
    const float_format *f = format_of(QREF_FLOAT32);
    real weights = multiplied(r->x_scale, r->w_scale, f), scale = divided(weights, r->y_scale, f);
    real result;
    exact v;
    if (r->dtype != QREF_INT8 && r->dtype != QREF_UINT8) return "the output is neither int8 nor uint8";
    if (!fits_int32(r->accumulator)) return "the accumulator does not fit int32";
    if (!is_normal(r->x_scale, f) || !is_normal(r->w_scale, f) || !is_normal(r->y_scale, f) || !is_normal(scale, f))
        return "a scale is no positive normal number";
    if (is_smaller(scale, finite(0, 1, -32)) || !is_smaller(scale, finite(0, 1, 8)))
        return "the scale is outside [2^-32, 2^8)";
    result = multiplied(converted(real_of_int(r->accumulator), f), scale, f);
    v = exact_of(result);
    *y = r->zero_point + clamped(rounded(&v, HALF_EVEN), lowest(r->dtype) - r->zero_point,
                                 highest(r->dtype) - r->zero_point);
    return NULL;
}

/* ncnn (src/layer/requantize.cpp): two float32 products, half away from zero, -127 … 127, no zero point. What round()
 * gives is cast to int, so that it must be one. */
static const char *rule_ncnn(const requantization *r, int64_t *y)
{
    const float_format *f = format_of(QREF_FLOAT32);
    real in = multiplied(r->x_scale, r->w_scale, f), out = divided(real_of_int(1), r->y_scale, f);
    real result = multiplied(multiplied(converted(real_of_int(r->accumulator), f), in, f), out, f);
    exact v = exact_of(result);
    if (r->dtype != QREF_INT8 || r->zero_point != 0) return "the output is not int8 with zero point 0";
    if (!fits_int32(r->accumulator)) return "the accumulator does not fit int32";
    if (!is_normal(in, f) || !is_normal(out, f)) return "a derived scale is no positive normal number";
    result.negative = 0;
    if (result.kind == INFINITE || !is_smaller(result, finite(0, 1, 31))) return "the scaled value is beyond int";
    *y = clamped(rounded(&v, HALF_AWAY), -127, 127);
    return NULL;
}

static const struct {
    const char *profile;
    requantize_rule rule;
} rules[] = {
    {"onnx", rule_onnx},
    {"tflite-double", rule_tflite_double},
    {"tflite-single", rule_tflite_single},
    {"xnnpack-fp32", rule_xnnpack_fp32},
    {"ncnn", rule_ncnn},
};

/* The rule that the request names; ONNX's where it names none. */
static qref_status find_rule(const qref_request *request, qref_answer *answer, requantize_rule *rule)
{
    size_t i;
    *rule = rule_onnx;
    if (qref_json_absent(request->profile)) return QREF_OK;
    for (i = 0; i < sizeof rules / sizeof *rules; i++)
        if (qref_json_is(request->profile, rules[i].profile)) {
            *rule = rules[i].rule;
            return QREF_OK;
        }
    return qref_unsupported(answer, "unknown profile");
}

/* No text fixes what a scale that is infinite, NaN, or a divisor of zero gives. */
static qref_status check_scales(qref_answer *answer, const qref_tensor *t, int divides)
{
    size_t i;
    for (i = 0; i < t->count; i++) {
        real scale = element(t, i);
        if (scale.kind != FINITE || (divides && is_zero(scale)))
            return qref_unsupported(answer, "no text fixes such a scale");
    }
    return QREF_OK;
}

static qref_status requantize_into(qref_answer *answer, qref_tensor *y, size_t i, requantize_rule rule,
                                   const requantization *r)
{
    int64_t value = 0;
    const char *outside = rule(r, &value);
    if (outside) return qref_unsupported(answer, "outside the profile: %s", outside);
    qref_set_int(y, i, value);
    return QREF_OK;
}

/* What both quantized products and Requantize share: scalar y_scale and y_zero_point. */
static qref_status check_output_parameters(qref_answer *answer, const qref_tensor *y_scale,
                                           const qref_tensor *y_zero_point)
{
    if (y_scale->rank != 0 || y_zero_point->rank != 0)
        return qref_error(answer, "y_scale and y_zero_point must be scalars");
    return check_scales(answer, y_scale, 1);
}

static qref_status check_requantize(const qref_request *request, qref_answer *answer)
{
    static const qref_dtype outputs[] = {QREF_INT8, QREF_UINT8, QREF_INT16, QREF_UINT16};
    int i;
    if (request->input[0]->dtype != QREF_INT32) return qref_error(answer, "the accumulator is not int32");
    for (i = 1; i < 4; i++) {
        if (request->input[i]->dtype != QREF_FLOAT32) return qref_error(answer, "input %d is not float32", i);
        if (check_scales(answer, request->input[i], 0) != QREF_OK) return answer->status;
    }
    if (!is_one_of(request->input[4]->dtype, outputs, 4))
        return qref_error(answer, "y_zero_point has a type that is not allowed");
    if (request->input[1]->rank != 0) return qref_error(answer, "x_scale must be a scalar");
    return check_output_parameters(answer, request->input[3], request->input[4]);
}

/* qref:Requantize: the last step of every quantized product, by itself. */
static qref_status requantize(const qref_request *request, qref_answer *answer)
{
    static const int opsets[] = {1, 0};
    const qref_tensor *accumulator = request->input[0], *x_scale = request->input[1], *w_scale = request->input[2];
    const qref_tensor *y_scale = request->input[3], *y_zero_point = request->input[4];
    requantize_rule rule;
    requantization r;
    granularity g;
    qref_tensor *y;
    size_t i;
    if (check_opset(request, answer, opsets) != QREF_OK) return answer->status;
    if (qref_inputs(request, answer, 5, 5) != QREF_OK) return answer->status;
    if (qref_only_attributes(request, answer, "axis") != QREF_OK) return answer->status;
    if (check_requantize(request, answer) != QREF_OK) return answer->status;
    if (read_granularity(request, answer, accumulator, w_scale, &g) != QREF_OK) return answer->status;
    if (find_rule(request, answer, &rule) != QREF_OK) return answer->status;

    y = qref_output(answer, y_zero_point->dtype, accumulator->rank, accumulator->shape);
    if (!y) return answer->status;
    r.x_scale = element(x_scale, 0);
    r.y_scale = element(y_scale, 0);
    r.zero_point = qref_int(y_zero_point, 0);
    r.dtype = y->dtype;
    for (i = 0; i < y->count; i++) {
        r.accumulator = qref_int(accumulator, i);
        r.w_scale = element(w_scale, parameter_index(&g, i));
        if (requantize_into(answer, y, i, rule, &r) != QREF_OK) return answer->status;
    }
    return QREF_OK;
}

/* ----------------------------------------------------------------------------------------------- convolution
 *
 * One to three spatial dimensions, computed as three: missing ones come first, with size, kernel and stride 1.
 */

#define SPATIAL 3

typedef struct {
    int64_t batch, channels, maps, group, group_channels;      /* maps: output channels, M of the text */
    int64_t size[SPATIAL], kernel[SPATIAL], stride[SPATIAL], dilation[SPATIAL], begin[SPATIAL], out[SPATIAL];
} convolution;

enum { NOTSET, SAME_UPPER, SAME_LOWER, VALID };

/* Fills the last `n` of SPATIAL values from an attribute that must be positive, 1 where it is absent. */
static void read_steps(const qref_request *request, qref_answer *answer, const char *name, int n, int64_t *values)
{
    int i;
    for (i = 0; i < SPATIAL; i++) values[i] = 1;
    qref_ints_attribute(request, answer, name, values + SPATIAL - n, n);
    for (i = 0; i < SPATIAL; i++)
        if (values[i] < 1 || values[i] > QREF_MAX_DIMENSION)
            qref_error(answer, "%s is not positive, or too large", name);
}

static void read_kernel(const qref_request *request, qref_answer *answer, const qref_tensor *w, int n, convolution *c)
{
    int64_t declared[SPATIAL];
    int i;
    for (i = 0; i < SPATIAL; i++) c->kernel[i] = i < SPATIAL - n ? 1 : w->shape[2 + i - (SPATIAL - n)];
    memcpy(declared, c->kernel, sizeof declared);
    qref_ints_attribute(request, answer, "kernel_shape", declared + SPATIAL - n, n);
    for (i = 0; i < SPATIAL; i++) {
        if (declared[i] != c->kernel[i]) qref_error(answer, "kernel_shape is not the shape of w");
        if (c->kernel[i] < 1) qref_error(answer, "the kernel is empty");
    }
}

/* Padding and output size of one dimension, by the formulas of the text. */
static void place_windows(qref_answer *answer, convolution *c, int i, int auto_pad, int64_t begin, int64_t end)
{
    int64_t extent = (c->kernel[i] - 1) * c->dilation[i] + 1, room;
    if (auto_pad == SAME_UPPER || auto_pad == SAME_LOWER) {
        int64_t total;
        c->out[i] = c->size[i] / c->stride[i] + (c->size[i] % c->stride[i] != 0);
        total = (c->out[i] - 1) * c->stride[i] + extent - c->size[i];
        if (total < 0) total = 0;
        c->begin[i] = auto_pad == SAME_LOWER ? total - total / 2 : total / 2;
        return;
    }
    room = c->size[i] + begin + end - extent;
    if (room < 0) qref_error(answer, "the kernel does not fit the padded input");
    c->begin[i] = begin;
    c->out[i] = room < 0 ? 0 : room / c->stride[i] + 1;
}

static void read_padding(const qref_request *request, qref_answer *answer, int n, convolution *c)
{
    static const char *const choices[] = {"NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID", NULL};
    int64_t pads[2 * SPATIAL] = {0, 0, 0, 0, 0, 0};
    int auto_pad = qref_choice_attribute(request, answer, "auto_pad", choices), i;
    if (qref_ints_attribute(request, answer, "pads", pads, 2 * n) && auto_pad != NOTSET)
        qref_error(answer, "pads and auto_pad exclude each other");
    for (i = 0; i < 2 * n; i++)
        if (pads[i] < 0 || pads[i] > QREF_MAX_DIMENSION) qref_error(answer, "pads is negative, or too large");
    for (i = 0; i < SPATIAL && answer->status == QREF_OK; i++) {
        int k = i - (SPATIAL - n);
        place_windows(answer, c, i, auto_pad, k < 0 ? 0 : pads[k], k < 0 ? 0 : pads[n + k]);
    }
}

static qref_status read_convolution(const qref_request *request, qref_answer *answer, const qref_tensor *x,
                                    const qref_tensor *w, convolution *c)
{
    int n = x->rank - 2, i;
    if (!is_8_bit(x) || !is_8_bit(w)) return qref_error(answer, "x and w must be int8 or uint8");
    if (n < 1 || w->rank != x->rank) return qref_error(answer, "x and w must have one rank, at least 3");
    if (n > SPATIAL) return qref_unsupported(answer, "more than %d spatial dimensions", SPATIAL);
    c->batch = x->shape[0];
    c->channels = x->shape[1];
    c->maps = w->shape[0];
    c->group_channels = w->shape[1];
    c->group = qref_int_attribute(request, answer, "group", 1);
    for (i = 0; i < SPATIAL; i++) c->size[i] = i < SPATIAL - n ? 1 : x->shape[2 + i - (SPATIAL - n)];
    read_steps(request, answer, "strides", n, c->stride);
    read_steps(request, answer, "dilations", n, c->dilation);
    read_kernel(request, answer, w, n, c);
    if (answer->status != QREF_OK) return answer->status;
    if (c->group < 1 || c->channels % c->group || c->maps % c->group)
        return qref_error(answer, "group does not divide the channels");
    if (c->channels / c->group != c->group_channels)
        return qref_error(answer, "w's channels times group are not x's channels");
    read_padding(request, answer, n, c);
    return answer->status;
}

/* The sum of (x - zx)(w - zw) under one window. Padding holds zx, so it adds nothing. */
static int64_t window_sum(const convolution *c, const qref_tensor *x, const qref_tensor *w, int64_t zx, int64_t zw,
                          int64_t image, int64_t map, const int64_t *at)
{
    int64_t total = 0, ch, k0, k1, k2, first = map / (c->maps / c->group) * c->group_channels;
    for (ch = 0; ch < c->group_channels; ch++)
        for (k0 = 0; k0 < c->kernel[0]; k0++)
            for (k1 = 0; k1 < c->kernel[1]; k1++)
                for (k2 = 0; k2 < c->kernel[2]; k2++) {
                    int64_t i0 = at[0] * c->stride[0] + k0 * c->dilation[0] - c->begin[0];
                    int64_t i1 = at[1] * c->stride[1] + k1 * c->dilation[1] - c->begin[1];
                    int64_t i2 = at[2] * c->stride[2] + k2 * c->dilation[2] - c->begin[2];
                    int64_t xi, wi;
                    if (i0 < 0 || i0 >= c->size[0] || i1 < 0 || i1 >= c->size[1] || i2 < 0 || i2 >= c->size[2])
                        continue;
                    xi = (((image * c->channels + first + ch) * c->size[0] + i0) * c->size[1] + i1) * c->size[2] + i2;
                    wi = (((map * c->group_channels + ch) * c->kernel[0] + k0) * c->kernel[1] + k1) * c->kernel[2] + k2;
                    total += (qref_int(x, (size_t)xi) - zx) * (qref_int(w, (size_t)wi) - zw);
                }
    return total;
}

/* The accumulator of output element i, and the output channel it belongs to. */
static int64_t convolved(const convolution *c, const qref_tensor *x, const qref_tensor *x_zero_point,
                         const qref_tensor *w,
                         const qref_tensor *w_zero_point, size_t i, size_t *channel)
{
    int64_t rest = (int64_t)i, at[SPATIAL], map, x_zero, w_zero;
    int k;
    for (k = SPATIAL - 1; k >= 0; k--) {
        at[k] = rest % c->out[k];
        rest /= c->out[k];
    }
    map = rest % c->maps;
    *channel = (size_t)map;
    x_zero = zero_point_at(x_zero_point, 0);
    w_zero = zero_point_at(w_zero_point, w_zero_point && w_zero_point->rank ? (size_t)map : 0);
    return window_sum(c, x, w, x_zero, w_zero, rest / c->maps, map, at);
}

static qref_tensor *convolution_output(qref_answer *answer, const convolution *c, const qref_tensor *x,
                                       qref_dtype dtype)
{
    int64_t shape[2 + SPATIAL];
    int i, n = x->rank - 2;
    shape[0] = c->batch;
    shape[1] = c->maps;
    for (i = 0; i < n; i++) shape[2 + i] = c->out[SPATIAL - n + i];
    return qref_output(answer, dtype, x->rank, shape);
}

/* A parameter of w: a scalar, or one value for each output channel. */
static int is_channel_parameter(const qref_tensor *t, const convolution *c)
{
    return t->rank == 0 || (t->rank == 1 && t->shape[0] == c->maps);
}

static qref_status check_convolution_zero_points(qref_answer *answer, const convolution *c, const qref_tensor *x,
                                                 const qref_tensor *zx,
                                                 const qref_tensor *w, const qref_tensor *zw)
{
    if (zx && zx->dtype != x->dtype) return qref_error(answer, "x_zero_point has not x's type");
    if (zw && zw->dtype != w->dtype) return qref_error(answer, "w_zero_point has not w's type");
    if (zx && zx->rank != 0) return qref_error(answer, "x_zero_point must be a scalar");
    if (zw && !is_channel_parameter(zw, c))
        return qref_error(answer, "w_zero_point must be a scalar or one for each output channel");
    return QREF_OK;
}

static const int product_opsets[] = {10, 0};
static const char convolution_attributes[] = "auto_pad dilations group kernel_shape pads strides";

/* The low 32 bits as two's complement: "accumulation may overflow if and only if in 32 bits". */
static void set_wrapped(qref_tensor *y, size_t i, int64_t accumulator)
{
    qref_set_bits(y, i, (uint64_t)accumulator & 0xFFFFFFFF);
}

static qref_status conv_integer(const qref_request *request, qref_answer *answer)
{
    const qref_tensor *x = request->input[0], *w = request->input[1], *zx = request->input[2], *zw = request->input[3];
    convolution c;
    qref_tensor *y;
    size_t i, channel;
    if (check_opset(request, answer, product_opsets) != QREF_OK) return answer->status;
    if (qref_inputs(request, answer, 2, 4) != QREF_OK) return answer->status;
    if (qref_only_attributes(request, answer, convolution_attributes) != QREF_OK) return answer->status;
    if (read_convolution(request, answer, x, w, &c) != QREF_OK) return answer->status;
    if (check_convolution_zero_points(answer, &c, x, zx, w, zw) != QREF_OK) return answer->status;

    y = convolution_output(answer, &c, x, QREF_INT32);
    if (!y) return answer->status;
    for (i = 0; i < y->count; i++) set_wrapped(y, i, convolved(&c, x, zx, w, zw, i, &channel));
    return QREF_OK;
}

static qref_status check_q_linear_conv(const qref_request *request, qref_answer *answer, const convolution *c)
{
    const qref_tensor *const *in = request->input, *bias = in[8];
    if (in[1]->dtype != QREF_FLOAT32 || in[4]->dtype != QREF_FLOAT32 || in[6]->dtype != QREF_FLOAT32)
        return qref_error(answer, "a scale is not float32");
    if (check_convolution_zero_points(answer, c, in[0], in[2], in[3], in[5]) != QREF_OK) return answer->status;
    if (in[1]->rank != 0) return qref_error(answer, "x_scale must be a scalar");
    if (!qref_same_shape(in[4], in[5])) return qref_error(answer, "w_scale and w_zero_point must have one shape");
    if (!is_8_bit(in[7])) return qref_error(answer, "y_zero_point must be int8 or uint8");
    if (bias && (bias->dtype != QREF_INT32 || bias->rank != 1 || bias->shape[0] != c->maps))
        return qref_error(answer, "B must be int32, one for each output channel");
    if (check_scales(answer, in[1], 0) != QREF_OK || check_scales(answer, in[4], 0) != QREF_OK) return answer->status;
    return check_output_parameters(answer, in[6], in[7]);
}

/* The accumulator, bias included, is exact: it does not wrap at 32 bits. */
static qref_status q_linear_conv(const qref_request *request, qref_answer *answer)
{
    const qref_tensor *const *in = request->input;
    const qref_tensor *x = in[0], *x_scale = in[1], *zx = in[2], *w = in[3], *w_scale = in[4], *zw = in[5];
    const qref_tensor *y_scale = in[6], *zy = in[7], *bias = in[8];
    requantize_rule rule;
    requantization r;
    convolution c;
    qref_tensor *y;
    size_t i, channel;
    if (check_opset(request, answer, product_opsets) != QREF_OK) return answer->status;
    if (qref_inputs(request, answer, 8, 9) != QREF_OK) return answer->status;
    if (qref_only_attributes(request, answer, convolution_attributes) != QREF_OK) return answer->status;
    if (read_convolution(request, answer, x, w, &c) != QREF_OK) return answer->status;
    if (check_q_linear_conv(request, answer, &c) != QREF_OK) return answer->status;
    if (find_rule(request, answer, &rule) != QREF_OK) return answer->status;

    y = convolution_output(answer, &c, x, zy->dtype);
    if (!y) return answer->status;
    r.x_scale = element(x_scale, 0);
    r.y_scale = element(y_scale, 0);
    r.zero_point = qref_int(zy, 0);
    r.dtype = y->dtype;
    for (i = 0; i < y->count; i++) {
        r.accumulator = convolved(&c, x, zx, w, zw, i, &channel);
        if (bias) r.accumulator += qref_int(bias, channel);
        r.w_scale = element(w_scale, w_scale->rank ? channel : 0);
        if (requantize_into(answer, y, i, rule, &r) != QREF_OK) return answer->status;
    }
    return QREF_OK;
}

/* -------------------------------------------------------------------------------------------- matrix product
 *
 * numpy.matmul: a 1-D operand is a row (a) or a column (b) whose dimension does not appear in the output; the
 * dimensions before the last two are batches and broadcast.
 */

typedef struct {
    int64_t rows, inner, columns;
    int batch_rank;
    int64_t batch[QREF_MAX_RANK];
    int rank;
    int64_t shape[QREF_MAX_RANK];      /* of the output */
} matrix_product;

static int batch_rank(const qref_tensor *t) { return t->rank > 2 ? t->rank - 2 : 0; }

/* Dimension i of `rank` batch dimensions, to which t's are aligned at the end. */
static int64_t batch_dimension(const qref_tensor *t, int i, int rank)
{
    int k = i - (rank - batch_rank(t));
    return k < 0 ? 1 : t->shape[k];
}

static qref_status read_product(qref_answer *answer, const qref_tensor *a, const qref_tensor *b, matrix_product *p)
{
    int i;
    if (a->rank == 0 || b->rank == 0) return qref_error(answer, "a scalar is no matrix");
    p->rows = a->rank == 1 ? 1 : a->shape[a->rank - 2];
    p->inner = a->shape[a->rank - 1];
    p->columns = b->rank == 1 ? 1 : b->shape[b->rank - 1];
    if (p->inner != b->shape[b->rank == 1 ? 0 : b->rank - 2]) return qref_error(answer, "the inner dimensions differ");
    p->batch_rank = batch_rank(a) > batch_rank(b) ? batch_rank(a) : batch_rank(b);
    for (i = 0; i < p->batch_rank; i++) {
        int64_t of_a = batch_dimension(a, i, p->batch_rank), of_b = batch_dimension(b, i, p->batch_rank);
        if (of_a != of_b && of_a != 1 && of_b != 1) return qref_error(answer, "the batch dimensions do not broadcast");
        p->shape[i] = p->batch[i] = of_a == 1 ? of_b : of_a;
    }
    p->rank = p->batch_rank;
    if (a->rank > 1) p->shape[p->rank++] = p->rows;
    if (b->rank > 1) p->shape[p->rank++] = p->columns;
    return QREF_OK;
}

/* Which matrix of t the output's matrix `index` is made from. */
static int64_t matrix_of(const matrix_product *p, const qref_tensor *t, int64_t index)
{
    int64_t result = 0, stride = 1;
    int i;
    for (i = p->batch_rank - 1; i >= 0; i--) {
        int64_t dimension = batch_dimension(t, i, p->batch_rank);
        if (dimension != 1) result += index % p->batch[i] * stride;
        stride *= dimension;
        index /= p->batch[i];
    }
    return result;
}

/* Where an output element comes from. */
typedef struct {
    int64_t a_matrix, b_matrix, row, column;
} product_place;

static product_place place_of(const matrix_product *p, const qref_tensor *a, const qref_tensor *b, size_t i)
{
    int64_t matrix = (int64_t)i / (p->rows * p->columns);
    product_place at;
    at.row = (int64_t)i / p->columns % p->rows;
    at.column = (int64_t)i % p->columns;
    at.a_matrix = matrix_of(p, a, matrix);
    at.b_matrix = matrix_of(p, b, matrix);
    return at;
}

/* Scale and zero point of a have one value, one a row ([M] for a matrix), or [..., M, 1]; those of b likewise with
 * columns, [N] and [..., 1, N]. `counted` says which of the last two dimensions counts them. */
static int is_line_parameter(const qref_tensor *t, const qref_tensor *of, int counted)
{
    int i;
    if (t->rank == 0) return 1;
    if (of->rank < 2) return 0;
    if (of->rank == 2 && t->rank == 1) return t->shape[0] == of->shape[counted];
    if (t->rank != of->rank) return 0;
    for (i = 0; i < of->rank; i++)
        if (t->shape[i] != (i == of->rank - 1 - counted ? 1 : of->shape[i])) return 0;
    return 1;
}

static size_t line_index(const qref_tensor *t, int64_t matrix, int64_t lines, int64_t line)
{
    return t && t->rank ? (size_t)(matrix * lines + line) : 0;
}

static int64_t product_sum(const matrix_product *p, const qref_tensor *a, const qref_tensor *za, const qref_tensor *b,
                           const qref_tensor *zb,
                           const product_place *at)
{
    int64_t a_zero = zero_point_at(za, line_index(za, at->a_matrix, p->rows, at->row));
    int64_t b_zero = zero_point_at(zb, line_index(zb, at->b_matrix, p->columns, at->column));
    int64_t total = 0, k;
    for (k = 0; k < p->inner; k++)
        total += (qref_int(a, (size_t)((at->a_matrix * p->rows + at->row) * p->inner + k)) - a_zero)
               * (qref_int(b, (size_t)((at->b_matrix * p->inner + k) * p->columns + at->column)) - b_zero);
    return total;
}

static qref_status check_product_zero_points(qref_answer *answer, const qref_tensor *a, const qref_tensor *za,
                                             const qref_tensor *b,
                                             const qref_tensor *zb)
{
    if (!is_8_bit(a) || !is_8_bit(b)) return qref_error(answer, "a and b must be int8 or uint8");
    if (za && za->dtype != a->dtype) return qref_error(answer, "a_zero_point has not a's type");
    if (zb && zb->dtype != b->dtype) return qref_error(answer, "b_zero_point has not b's type");
    if (za && !is_line_parameter(za, a, 0)) return qref_error(answer, "a_zero_point is neither scalar nor one a row");
    if (zb && !is_line_parameter(zb, b, 1))
        return qref_error(answer, "b_zero_point is neither scalar nor one a column");
    return QREF_OK;
}

static qref_status mat_mul_integer(const qref_request *request, qref_answer *answer)
{
    const qref_tensor *a = request->input[0], *b = request->input[1], *za = request->input[2], *zb = request->input[3];
    matrix_product p;
    qref_tensor *y;
    size_t i;
    if (check_opset(request, answer, product_opsets) != QREF_OK) return answer->status;
    if (qref_inputs(request, answer, 2, 4) != QREF_OK) return answer->status;
    if (qref_only_attributes(request, answer, "") != QREF_OK) return answer->status;
    if (check_product_zero_points(answer, a, za, b, zb) != QREF_OK) return answer->status;
    if (read_product(answer, a, b, &p) != QREF_OK) return answer->status;

    y = qref_output(answer, QREF_INT32, p.rank, p.shape);
    if (!y) return answer->status;
    for (i = 0; i < y->count; i++) {
        product_place at = place_of(&p, a, b, i);
        set_wrapped(y, i, product_sum(&p, a, za, b, zb, &at));
    }
    return QREF_OK;
}

static int is_float8(const qref_tensor *t)
{
    return format_of(t->dtype) && qref_info(t->dtype)->bits == 8;
}

static qref_status check_q_linear_mat_mul(const qref_request *request, qref_answer *answer)
{
    const qref_tensor *const *in = request->input;
    int64_t scales_opset = request->opset == 10 ? 10 : 19;      /* float16 and bfloat16 scales came with opset 21 */
    if (request->opset == 21 && (is_float8(in[0]) || is_float8(in[3]) || is_float8(in[7])))
        return qref_unsupported(answer, "float8 operands");
    if (!is_full_precision(scales_opset, in[1]->dtype))
        return qref_error(answer, "the scales have a type that is not allowed");
    if (in[4]->dtype != in[1]->dtype || in[6]->dtype != in[1]->dtype)
        return qref_error(answer, "the scales must have one type");
    if (check_product_zero_points(answer, in[0], in[2], in[3], in[5]) != QREF_OK) return answer->status;
    if (!qref_same_shape(in[1], in[2])) return qref_error(answer, "a_scale and a_zero_point must have one shape");
    if (!qref_same_shape(in[4], in[5])) return qref_error(answer, "b_scale and b_zero_point must have one shape");
    if (!is_8_bit(in[7])) return qref_error(answer, "y_zero_point must be int8 or uint8");
    if (check_scales(answer, in[1], 0) != QREF_OK || check_scales(answer, in[4], 0) != QREF_OK) return answer->status;
    return check_output_parameters(answer, in[6], in[7]);
}

static qref_status q_linear_mat_mul(const qref_request *request, qref_answer *answer)
{
    static const int opsets[] = {10, 21, 0};
    const qref_tensor *const *in = request->input;
    const qref_tensor *a = in[0], *a_scale = in[1], *za = in[2], *b = in[3], *b_scale = in[4], *zb = in[5];
    const qref_tensor *y_scale = in[6], *zy = in[7];
    requantize_rule rule;
    requantization r;
    matrix_product p;
    qref_tensor *y;
    size_t i;
    if (check_opset(request, answer, opsets) != QREF_OK) return answer->status;
    if (qref_inputs(request, answer, 8, 8) != QREF_OK) return answer->status;
    if (qref_only_attributes(request, answer, "") != QREF_OK) return answer->status;
    if (check_q_linear_mat_mul(request, answer) != QREF_OK) return answer->status;
    if (read_product(answer, a, b, &p) != QREF_OK) return answer->status;
    if (find_rule(request, answer, &rule) != QREF_OK) return answer->status;

    y = qref_output(answer, zy->dtype, p.rank, p.shape);
    if (!y) return answer->status;
    r.y_scale = element(y_scale, 0);
    r.zero_point = qref_int(zy, 0);
    r.dtype = y->dtype;
    for (i = 0; i < y->count; i++) {
        product_place at = place_of(&p, a, b, i);
        r.accumulator = product_sum(&p, a, za, b, zb, &at);
        r.x_scale = element(a_scale, line_index(a_scale, at.a_matrix, p.rows, at.row));
        r.w_scale = element(b_scale, line_index(b_scale, at.b_matrix, p.columns, at.column));
        if (requantize_into(answer, y, i, rule, &r) != QREF_OK) return answer->status;
    }
    return QREF_OK;
}

/* ------------------------------------------------------------------------------------------------- the table */

static const qref_operator operators[] = {
    {"QuantizeLinear", quantize_linear},
    {"DequantizeLinear", dequantize_linear},
    {"DynamicQuantizeLinear", dynamic_quantize_linear},
    {"ConvInteger", conv_integer},
    {"QLinearConv", q_linear_conv},
    {"MatMulInteger", mat_mul_integer},
    {"QLinearMatMul", q_linear_mat_mul},
    {"qref:Requantize", requantize},
    {NULL, NULL},
};

int main(void)
{
    static const qref_engine engine = {"qref-c", "1.0", NULL, operators};
    return qref_serve(&engine);
}
