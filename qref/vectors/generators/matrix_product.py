"""Cases of MatMulInteger and QLinearMatMul for the suite `onnx-quantized`: each pair of shapes in both."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.numerics.floats import encode
from qref.numerics.tensor import Tensor, tensor
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, refused
from qref.vectors.generators.convolution import TYPES, draw_one, ends, other
from qref.vectors.generators.draw import Draw
from qref.vectors.generators.scales import REACH, TIED, chosen, decimal, drawn

SUITE = "onnx-quantized"
DIGIT = 63

SHAPES: tuple[tuple[tuple[int, ...], tuple[int, ...], tuple[str, ...]], ...] = (
    ((2, 3), (3, 4), ()),
    ((3, 3), (3, 3), ()),
    ((1, 5), (5, 1), ()),
    ((4, 1), (1, 3), ()),
    ((3, 37), (37, 2), ()),
    ((2, 65), (65, 3), ()),
    ((5,), (5, 3), ("vector-operand",)),
    ((2, 5), (5,), ("vector-operand",)),
    ((6,), (6,), ("vector-operand",)),
    ((2, 3, 4), (4, 5), ("batch", "broadcast")),
    ((3, 4), (2, 4, 5), ("batch", "broadcast")),
    ((2, 3, 4), (2, 4, 2), ("batch",)),
    ((2, 1, 3, 2), (3, 2, 4), ("batch", "broadcast")),
    ((2, 1, 2, 3), (1, 3, 3, 2), ("batch", "broadcast")),
    ((3, 2, 2), (2,), ("batch", "vector-operand")),
    ((2,), (3, 2, 4), ("batch", "vector-operand")),
    ((0, 3), (3, 2), ("zero-size",)),
    ((2, 3), (3, 0), ("zero-size",)),
    ((2, 0), (0, 3), ("zero-size",)),
)


def cases() -> Iterator[Case]:
    """All cases of MatMulInteger and QLinearMatMul."""
    yield from shapes()
    yield from ends_of_types()
    yield from pair_sums()
    yield from per_row_and_column()
    yield from absent_zero_points()
    yield from large_sums()
    yield from chosen_accumulators()
    yield from long_rows()
    yield from narrow_scales()
    yield from errors()


def product(
    slug: str,
    operands: Sequence[Tensor | None],
    flags: Sequence[str],
    requirements: Sequence[str],
    comment: str,
) -> Case:
    """A case of MatMulInteger."""
    request = ask("MatMulInteger", 10, operands)
    return judged(SUITE, slug, request, requirements, tuple(dict.fromkeys(flags)), comment)


def requantized(
    slug: str,
    a: Tensor,
    b: Tensor,
    zero_points: tuple[NDArray[Any] | int, NDArray[Any] | int, int],
    scales: tuple[Any, Any, Any],
    y_dtype: str,
    flags: Sequence[str],
    requirements: Sequence[str],
    comment: str,
    opset: int = 10,
    scale_dtype: str = "float32",
) -> Case:
    """A case of QLinearMatMul."""
    a_scale, b_scale, y_scale = (encode(np.asarray(s, np.float64), scale_dtype) for s in scales)
    inputs = (
        a,
        a_scale,
        tensor(zero_points[0], a.dtype),
        b,
        b_scale,
        tensor(zero_points[1], b.dtype),
        y_scale,
        tensor(zero_points[2], y_dtype),
    )
    carried = dict.fromkeys((*flags, *(("zero-point",) if zero_points[2] else ())))
    request = ask("QLinearMatMul", opset, inputs)
    return judged(SUITE, slug, request, ("QREF-RQ-001", *requirements), tuple(carried), comment)


def shapes() -> Iterator[Case]:
    """Every pair of shapes, operands of every type, zero points inside and at the ends of their types."""
    draw = Draw("matrix-shapes")
    for i, (a_shape, b_shape, flags) in enumerate(SHAPES):
        for j in (0, 1):
            a_dtype, b_dtype = TYPES[(i + 2 * j + i // 4) % 4]
            a = tensor(draw.edges(*ends(a_dtype), a_shape), a_dtype)
            b = tensor(draw.edges(*ends(b_dtype), b_shape), b_dtype)
            zero_a = ends(a_dtype)[j] if i % 3 == 0 else draw_one(draw, a_dtype)
            zero_b = draw_one(draw, b_dtype)
            carried = [*flags, "zero-point", *(["zero-point-ends"] if i % 3 == 0 else [])]
            carried += ["mixed-sign"] if a_dtype != b_dtype else []
            comment = f"{list(a_shape)} times {list(b_shape)}"
            requirements = ("QREF-IO-013", "QREF-IO-014", "QREF-IO-003")
            operands = (a, b, tensor(zero_a, a_dtype), tensor(zero_b, b_dtype))
            yield product("shape", operands, carried, requirements, comment)
            # most engines know y of a's type only: the other type comes with a fourth of the cases
            y_dtype = a_dtype if i % 4 or not j else other(a_dtype)
            scales = (0.5, 0.25 if j else float(draw.float32(-2, -2)), 2.0 ** (6 + len(a_shape)))
            zero_points = (zero_a, zero_b, draw_one(draw, y_dtype))
            for opset in (10, 21) if j == 0 else (10,):
                yield requantized("shape", a, b, zero_points, scales, y_dtype, carried, requirements, comment, opset)


def ends_of_types() -> Iterator[Case]:
    """Operands at the ends of their types under zero points at the other end."""
    for a_dtype, b_dtype in TYPES:
        for a_end in (0, 1):
            for b_end in (0, 1):
                a = tensor(np.full((2, 9), ends(a_dtype)[a_end]), a_dtype)
                b = tensor(np.full((9, 2), ends(b_dtype)[b_end]), b_dtype)
                zero_a, zero_b = ends(a_dtype)[1 - a_end], ends(b_dtype)[1 - b_end]
                flags = ("range-ends", "zero-point-ends", *(("mixed-sign",) if a_dtype != b_dtype else ()))
                operands = (a, b, tensor(zero_a, a_dtype), tensor(zero_b, b_dtype))
                requirements = ("QREF-IO-001", "QREF-IO-014")
                comment = "products of 9 bits each"
                yield product("range-ends", operands, flags, requirements, comment)
                scales = (0.5, 0.5, 2.0**11)
                yield requantized(
                    "range-ends", a, b, (zero_a, zero_b, 3), scales, a_dtype, flags, requirements, comment
                )


def pair_sums() -> Iterator[Case]:
    """Neighbouring products whose sum leaves int16: vpmaddubsw saturates them, a narrow multiply-add wraps them."""
    draw = Draw("matrix-pairs")
    for K in (2, 4, 8, 17, 64):
        for a_dtype, b_dtype in TYPES:
            a = draw.integers(ends(a_dtype)[1] - 20, ends(a_dtype)[1], (3, K))
            b = draw.integers(ends(b_dtype)[1] - 15, ends(b_dtype)[1], (K, 4))
            b[:, 1] = draw.integers(ends(b_dtype)[0], ends(b_dtype)[0] + 9, (K,))
            b[::2, 2] = ends(b_dtype)[0]
            b[:, 3] = draw.integers(*ends(b_dtype), (K,))
            flags = ("pair-saturation", "range-ends", *(("mixed-sign",) if a_dtype != b_dtype else ()))
            comment = f"sums of two products beyond 32767, K = {K}"
            operands = (tensor(a, a_dtype), tensor(b, b_dtype))
            yield product("pair-sums", operands, flags, ("QREF-IO-001", "QREF-IO-003"), comment)
            scales = (0.5, 0.25, 2.0 ** (8 + K.bit_length()))
            zero_points = (0, 0, 0 if a_dtype == "int8" else 128)
            yield requantized("pair-sums", *operands, zero_points, scales, a_dtype, flags, ("QREF-IO-001",), comment)
            if a_dtype == b_dtype == "int8":
                low = tensor(np.full((2, K), -128), "int8"), tensor(np.full((K, 2), -128), "int8")
                comment = "-128 times -128, twice: 32768"
                yield product("int16-wrap", low, ("int16-wrap", "range-ends"), ("QREF-IO-001",), comment)


def per_row_and_column() -> Iterator[Case]:
    """Zero points and scales of a by row and of b by column, for matrices and for stacks of them."""
    draw = Draw("matrix-per-row")
    rows: tuple[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]], ...] = (
        ((3, 4), (4, 5), (3,), ()),
        ((3, 4), (4, 5), (), (5,)),
        ((3, 4), (4, 5), (3,), (5,)),
        ((4, 4), (4, 4), (4,), (4,)),
        ((4, 4), (4, 4), (), (4,)),
        ((4, 4), (4, 4), (4,), ()),
        ((3, 4), (4, 5), (3, 1), (1, 5)),
        ((2, 3, 4), (2, 4, 5), (2, 3, 1), (2, 1, 5)),
        ((2, 3, 4), (4, 5), (2, 3, 1), (5,)),
        ((2, 2, 2, 3), (2, 2, 3, 2), (2, 2, 2, 1), (2, 2, 1, 2)),
        ((2, 3, 4), (2, 4, 5), (), (2, 1, 5)),
        ((3, 4), (4,), (3,), ()),
        ((4,), (4, 3), (), (3,)),
    )
    for i, (a_shape, b_shape, a_zero, b_zero) in enumerate(rows):
        for j in (0, 1):
            a_dtype, b_dtype = TYPES[(i + j) % 4]
            a = tensor(draw.edges(*ends(a_dtype), a_shape), a_dtype)
            b = tensor(draw.edges(*ends(b_dtype), b_shape), b_dtype)
            zero_a, zero_b = draw.integers(*ends(a_dtype), a_zero), draw.integers(*ends(b_dtype), b_zero)
            flags = [*(["per-row"] if a_zero else []), *(["per-column"] if b_zero else []), "zero-point"]
            flags += ["vector-operand"] if 1 in (len(a_shape), len(b_shape)) else []
            flags += ["batch"] if len(a_shape) > 2 else []
            comment = f"zero points {list(a_zero)} for {list(a_shape)}, {list(b_zero)} for {list(b_shape)}"
            operands = (a, b, tensor(zero_a, a_dtype), tensor(zero_b, b_dtype))
            yield product("per-row-and-column", operands, flags, ("QREF-IO-014",), comment)
            for y_dtype, opset in ((a_dtype, 10), (other(a_dtype), 21)):
                scales = (draw.float32(-6, -1, a_zero), draw.float32(-6, -1, b_zero), draw.float32(0, 2))
                zero_points = (zero_a, zero_b, draw_one(draw, y_dtype))
                requirements = ("QREF-IO-014", "QREF-IO-015")
                yield requantized(
                    "per-row-and-column", a, b, zero_points, scales, y_dtype, flags, requirements, comment, opset
                )


def absent_zero_points() -> Iterator[Case]:
    """MatMulInteger without one or both zero points."""
    draw = Draw("matrix-absent")
    for a_dtype, b_dtype in TYPES:
        a = tensor(draw.edges(*ends(a_dtype), (3, 7)), a_dtype)
        b = tensor(draw.edges(*ends(b_dtype), (7, 2)), b_dtype)
        flags = ("default-zero-point", *(("mixed-sign",) if a_dtype != b_dtype else ()))
        some = (None, tensor(draw_one(draw, b_dtype), b_dtype)), (tensor(draw_one(draw, a_dtype), a_dtype),), ()
        for zero_points in some:
            comment = "an absent zero point is 0 in every type"
            yield product("absent-zero-point", (a, b, *zero_points), flags, ("QREF-IO-014",), comment)


def large_sums() -> Iterator[Case]:
    """Sums above 2^24, and one beyond int32."""
    a = tensor(np.full((1, 521), 255), "uint8")
    b = np.full((521, 2), 255)
    b[::3, 1] = 254
    operands = (a, tensor(b, "uint8"))
    flags = ("above-2^24", "range-ends")
    comment = "sums above 2^24: float32 accumulation loses their low bits"
    yield product("above-2-24", operands, flags, ("QREF-IO-001",), comment)
    for y_scale in (2.0**18, 2.0**19):
        yield requantized(
            "above-2-24", *operands, (0, 0, 0), (1.0, 1.0, y_scale), "uint8", flags, ("QREF-IO-001",), comment
        )
    K = 33100
    a, b2 = tensor(np.full((1, K), 255), "uint8"), tensor(np.full((K, 1), 255), "uint8")
    flags = ("accumulator-overflow", "range-ends")
    comment = f"{K} products of 255 and 255 leave int32"
    yield product("accumulator-overflow", (a, b2), flags, ("QREF-IO-002",), comment)
    yield requantized(
        "accumulator-overflow", a, b2, (0, 0, 0), (1.0, 1.0, 2.0**24), "uint8", flags, ("QREF-RQ-006",), comment
    )
    down = tensor(np.full((1, K), -128), "int8"), tensor(np.full((K, 1), 127), "int8")
    comment = "a sum of the other sign, with a zero point that widens each factor"
    yield product(
        "accumulator-overflow", (*down, tensor(127, "int8"), tensor(-128, "int8")), flags, ("QREF-IO-002",), comment
    )


def chosen_accumulators() -> Iterator[Case]:
    """One product each: a row of accumulators a · b that were chosen for their quotients."""
    requirements = {"tie-half-even": ("QREF-RQ-004", "QREF-RD-001"), "near-tie": ("QREF-RQ-008",)}
    for i, scales in enumerate((*TIED, *drawn(36), *decimal())):
        for y_dtype, zero_y in (("int8", 0), ("uint8", 128), ("int8", -3), ("uint8", 255)):
            if scales not in TIED and (i + len(y_dtype) + zero_y) % 2:
                continue
            slug, candidates, flags, comment = chosen(scales, zero_y, y_dtype)
            found = [v for v in candidates if abs(v) <= 16 * 127 * DIGIT]
            if found:
                a, b, zero_a = spelled(found, y_dtype)
                given = (scales.x, scales.w, scales.y)
                zero_points = (zero_a, 0, zero_y)
                yield requantized(slug, a, b, zero_points, given, y_dtype, flags, requirements[slug], comment)
    for scales in (TIED[0], TIED[2], decimal()[0]):
        for y_dtype, zero_y in (("int8", 0), ("uint8", 0), ("int8", -128), ("uint8", 255), ("int8", 127)):
            found = [v for v in (int(r / scales.exact) for r in REACH) if abs(v) <= 16 * 127 * DIGIT]
            a, b, zero_a = spelled(found, y_dtype)
            flags = ("saturation", *(("zero-point-ends",) if zero_y in ends(y_dtype) and zero_y else ()))
            given = (scales.x, scales.w, scales.y)
            comment = "results at and beyond both ends"
            yield requantized(
                "saturation", a, b, (zero_a, 0, zero_y), given, y_dtype, flags, ("QREF-RQ-003", "QREF-RD-006"), comment
            )


def spelled(values: list[int], a_dtype: str) -> tuple[Tensor, Tensor, int]:
    """Operands a [n, 17] and b [17, 1] whose product is `values`, and the zero point of a, 128 where it is unsigned.

    Each value is spelled in sixteen digits of DIGIT times at most 127, and one of 1. No sum of two products passes
    32767, so that an engine that saturates pairs shows elsewhere and is judged by its rounding here.
    """
    b = np.array([[DIGIT]] * 16 + [[1]])
    a = np.zeros((len(values), 17), np.int64)
    for i, value in enumerate(values):
        sign, rest = (1 if value >= 0 else -1), abs(value)
        for j in range(16):
            a[i, j] = sign * min(rest // DIGIT, 127)
            rest -= abs(int(a[i, j])) * DIGIT
        a[i, 16] = sign * rest
    zero_a = 0 if a_dtype == "int8" else 128
    return tensor(a + zero_a, a_dtype), tensor(b, "int8"), zero_a


def long_rows() -> Iterator[Case]:
    """More rows, columns and products than any vector register holds."""
    draw = Draw("matrix-long")
    for a_dtype in ("uint8", "int8"):
        for M, K, N in ((5, 133, 67), (67, 20, 5), (1, 260, 131)):
            a = tensor(draw.edges(*ends(a_dtype), (M, K)), a_dtype)
            b = tensor(draw.integers(-60, 60, (K, N)), "int8")
            zero_a = 128 if a_dtype == "uint8" else 1
            comment = f"[{M}, {K}] times [{K}, {N}]: whole vectors and tails in every direction"
            yield product("long", (a, b, tensor(zero_a, a_dtype)), ("zero-point",), ("QREF-IO-001",), comment)
            scales = (0.5, 1.0, 2.0 ** (5 + K.bit_length()))
            flags = ("tie", "zero-point")
            yield requantized("long", a, b, (zero_a, 0, zero_a), scales, a_dtype, flags, ("QREF-IO-013",), comment)


def narrow_scales() -> Iterator[Case]:
    """From opset 21: float16 and bfloat16 scales, taken at their exact values."""
    draw = Draw("matrix-narrow")
    for scale_dtype in ("float16", "bfloat16"):
        for i in range(6):
            a_dtype, b_dtype = TYPES[i % 4]
            a = tensor(draw.edges(*ends(a_dtype), (3, 6)), a_dtype)
            b = tensor(draw.edges(*ends(b_dtype), (6, 4)), b_dtype)
            a_scale = draw.float32(-4, -2, (3,) if i % 2 else ())
            b_scale = draw.float32(-4, -2, (4,) if i > 2 else ())
            given = (a_scale, b_scale, draw.float32(2, 4))
            zero_a = draw.integers(*ends(a_dtype), a_scale.shape)
            zero_b = draw.integers(*ends(b_dtype), b_scale.shape)
            flags = (scale_dtype, "opset", "zero-point")
            comment = f"{scale_dtype} scales"
            yield requantized(
                "narrow-scale",
                a,
                b,
                (zero_a, zero_b, 5),
                given,
                "int8",
                flags,
                ("QREF-IO-016",),
                comment,
                21,
                scale_dtype,
            )
        a, b, no_zero = spelled([v for v in range(-21, 22) if v % 2], "int8")
        yield requantized(
            "narrow-scale", a, b, (no_zero, 0, 3), (0.5, 1.0, 1.0), "int8", (scale_dtype, "opset", "tie"),
            ("QREF-IO-016",), f"{scale_dtype} scales, every quotient a tie", 21, scale_dtype,
        )  # fmt: skip


def errors() -> Iterator[Case]:
    """What the text rules out."""
    a, b = tensor(np.ones((2, 3)), "uint8"), tensor(np.ones((3, 4)), "int8")
    rows: list[tuple[str, tuple[Tensor | None, ...]]] = [
        ("inner lengths 3 and 4", (a, tensor(np.ones((4, 2)), "int8"))),
        ("stacks of 2 and 3 matrices", (tensor(np.ones((2, 2, 3)), "uint8"), tensor(np.ones((3, 3, 4)), "int8"))),
        ("three zero points for two rows", (a, b, tensor([0, 0, 0], "uint8"))),
        ("two zero points for four columns", (a, b, None, tensor([0, 0], "int8"))),
    ]
    for comment, inputs in rows:
        yield refused(SUITE, "error", ask("MatMulInteger", 10, inputs), ("QREF-IO-017",), ("error",), comment)
    one, z = tensor(1.0, "float32"), tensor(0, "uint8")
    wrong = (tensor([1.0, 1.0, 1.0], "float32"), tensor([0, 0, 0], "uint8"))
    inputs2 = (a, *wrong, b, one, tensor(0, "int8"), one, z)
    request = ask("QLinearMatMul", 10, inputs2)
    yield refused(SUITE, "error", request, ("QREF-IO-017",), ("error",), "three scales for two rows")
