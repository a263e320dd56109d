"""Cases of Add, Sub, Mul and Div for the suite `onnx-float`."""

from collections.abc import Iterator, Sequence

import numpy as np

from qref.numerics.floats import decode, divide, float_format, round_to
from qref.numerics.formats import integer
from qref.numerics.tensor import Tensor, tensor
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, left_open, refused
from qref.vectors.generators.draw import Draw
from qref.vectors.generators.float_values import DTYPES, drawn, floats, narrow

SUITE = "onnx-float"
OPS = ("Add", "Sub", "Mul", "Div")
OPSETS = {"float32": (7, 14), "float16": (7, 14), "bfloat16": (13, 14)}
SMALL, LARGE = ("int8", "uint8", "int16", "uint16"), ("int32", "uint32", "int64", "uint64")
ROUNDED = "QREF-FE-002"
SHAPES = (
    ((2, 3), (3,)),
    ((3,), (2, 3)),
    ((2, 1), (1, 3)),
    ((2, 3), (2, 1)),
    ((), (2, 2)),
    ((2, 2), ()),
    ((), ()),
    ((2, 3, 1), (4,)),
    ((1, 1, 1), (2,)),
    ((3, 1, 2), (1, 4, 1)),
    ((2, 1, 3, 1), (4, 1, 2)),
    ((3, 3), (3,)),
    ((3, 3), (3, 1)),
    ((2, 3, 2), (2, 3, 2)),
    ((0,), (1,)),
    ((2, 0), (1,)),
    ((0, 3), (1, 3)),
    ((1, 3), (0, 1)),
)


def cases() -> Iterator[Case]:
    """All cases of the four operators."""
    yield from ordinary()
    yield from ties()
    yield from subnormal()
    yield from to_infinity()
    yield from special()
    yield from cancelling()
    yield from reciprocals()
    yield from broadcast()
    yield from integers()
    yield from truncation()
    yield from errors()


def make(
    op: str,
    slug: str,
    opset: int,
    inputs: Sequence[Tensor],
    requirements: Sequence[str],
    flags: Sequence[str],
    comment: str,
    signed_zero: bool = False,
) -> Case:
    """A case with the flag of its type."""
    return judged(SUITE, slug, ask(op, opset, inputs), requirements, (*flags, *narrow(inputs[0])), comment, signed_zero)


def ordinary() -> Iterator[Case]:
    """Numbers with all their bits, of magnitudes that meet."""
    for op in OPS:
        for dtype in DTYPES:
            for opset in OPSETS[dtype]:
                draw = Draw(f"{op}-{dtype}-{opset}")
                a, b = drawn(draw, dtype, (4, 8), -6, 6), drawn(draw, dtype, (4, 8), -6, 6)
                yield make(op, "ordinary", opset, (a, b), (ROUNDED,), (), "32 pairs, exponents from −6 to 6")


def ties() -> Iterator[Case]:
    """Exact results halfway between two numbers, and next to that."""
    for dtype in DTYPES:
        p = float_format(dtype).precision
        ulp = 2.0 ** (1 - p)
        k = np.arange(8)
        halves = np.array([[0.5], [0.5 + ulp], [0.5 - ulp], [-0.5]]) * ulp
        one = 1 + k * ulp
        comment = "1 and a few units in the last place, and half a unit more or less, or nearly"
        inputs = floats(one[None, :], dtype), floats(halves, dtype)
        yield make("Add", "tie", 14, inputs, (ROUNDED,), ("float-tie",), comment)
        yield make("Sub", "tie", 14, inputs, (ROUNDED,), ("float-tie",), comment)
        odd = floats(1 + (2 * k + 1) * ulp, dtype)
        factors = floats([[1.5], [1.25], [-1.5], [1.75]], dtype)
        yield make("Mul", "tie", 14, (odd, factors), (ROUNDED,), ("float-tie",), "odd significands times 1.5 or 1.25")
        tiny = 2.0 ** (float_format(dtype).lowest_exponent - p + 1)
        small = floats((2 * k + 1) * tiny, dtype)
        comment = "odd subnormal numbers halved and quartered: ties below the normal range"
        flags = ("float-tie", "subnormal")
        yield make("Div", "tie", 14, (small, floats([[2.0], [-2.0], [4.0]], dtype)), (ROUNDED,), flags, comment)
        yield make("Mul", "subnormal-tie", 14, (small, floats([[0.5], [0.75]], dtype)), (ROUNDED,), flags, comment)


def subnormal() -> Iterator[Case]:
    """Results below the smallest normal number, of operands that are subnormal or not."""
    for dtype in DTYPES:
        format = float_format(dtype)
        e = format.lowest_exponent
        normal = floats(np.ldexp([1.0, 1.25, -1.5, 1.75], e), dtype)
        near = floats(np.ldexp([[-1.0], [1.5]], e), dtype)
        below = floats(np.ldexp([0.75, -0.5, 0.25, 0.125], e), dtype)
        small, large = floats([[0.3], [0.01]], dtype), floats(np.ldexp([[1.25], [1.0]], 12), dtype)
        divisors = floats([[3.0], [100.0]], dtype)
        rows = (
            ("Add", normal, near, "differences of normal numbers"),
            ("Sub", normal, near, "differences of normal numbers"),
            ("Add", below, near, "one operand is subnormal"),
            ("Mul", normal, small, "products of normal numbers"),
            ("Mul", below, large, "a subnormal operand and a normal product: flushed before, it is 0"),
            ("Div", normal, divisors, "quotients of normal numbers"),
            ("Div", normal, below, "a subnormal divisor: flushed, it divides by zero"),
        )
        for op, a, b, comment in rows:
            requirements = (ROUNDED, "QREF-FS-002", "QREF-FS-004")
            flags = ("subnormal", "overflow") if b is below else ("subnormal",)
            yield make(op, "subnormal", 14, (a, b), requirements, flags, comment)


def to_infinity() -> Iterator[Case]:
    """Results at the largest finite number: rounded down to it, up to infinity, and far beyond."""
    for dtype in DTYPES:
        format = float_format(dtype)
        top, ulp = format.highest, 2.0 ** (format.bias - format.mantissa_bits)
        a = floats([top, -top, top, top], dtype)
        b = floats([ulp / 2, -ulp / 2, ulp / 4, top], dtype)
        comment = "half a unit above the largest number is infinity, a quarter is not"
        yield make("Add", "to-infinity", 14, (a, b), (ROUNDED, "QREF-FS-002"), ("rounds-to-infinity",), comment)
        minus = floats([-ulp / 2, ulp / 2, -ulp / 4, -top], dtype)
        yield make("Sub", "to-infinity", 14, (a, minus), (ROUNDED, "QREF-FS-002"), ("rounds-to-infinity",), comment)
        factors = floats([1 + 2 * 2.0**-format.mantissa_bits, 2.0, -1.0, 0.5], dtype)
        comment = "beyond the largest number, and just not"
        yield make("Mul", "to-infinity", 14, (a, factors), (ROUNDED, "QREF-FS-002"), ("rounds-to-infinity",), comment)
        divisors = floats([0.99, 0.5, 1.0, -0.25], dtype)
        yield make("Div", "to-infinity", 14, (a, divisors), (ROUNDED, "QREF-FS-002"), ("rounds-to-infinity",), comment)


def special() -> Iterator[Case]:
    """Every pair of infinities, NaN, zeros of either sign and numbers; the sign of zero counts."""
    values = np.array([np.inf, -np.inf, np.nan, 1.5, -2.0, 0.0, -0.0])
    for op in OPS:
        for dtype in DTYPES:
            inputs = floats(values[:, None], dtype), floats(values[None, :], dtype)
            comment = "each with each: what IEEE 754 makes of infinities, NaN and zeros, their sign included"
            flags = ("special-values", "signed-zero", *(("division-by-zero",) if op == "Div" else ()))
            yield make(op, "special", 14, inputs, ("QREF-FE-003",), flags, comment, signed_zero=True)


def cancelling() -> Iterator[Case]:
    """Sums and differences of neighbours: exact, and lost in narrower arithmetic."""
    for dtype in DTYPES:
        draw = Draw(f"cancelling-pairs-{dtype}")
        a = drawn(draw, dtype, (12,), 0, 3)
        ulp = 2.0 ** (3 - float_format(dtype).precision)
        b = floats(decode(a) + ulp * draw.integers(-2, 2, (12,)), dtype)
        comment = "numbers a few units in the last place apart: their difference is exact"
        yield make("Sub", "cancellation", 14, (a, b), (ROUNDED,), ("cancellation",), comment)
        yield make("Add", "cancellation", 14, (floats(-decode(a), dtype), b), (ROUNDED,), ("cancellation",), comment)


def reciprocals() -> Iterator[Case]:
    """Quotients for which a · (1 / b) rounds to another number than a / b."""
    for dtype in DTYPES:
        format = float_format(dtype)
        draw = Draw(f"reciprocal-{dtype}")
        a = round_to(draw.float32(0, 2, (400,)).astype(np.float64), format)
        b = round_to(draw.float32(0, 2, (400,)).astype(np.float64), format)
        by_reciprocal = round_to(a * divide(np.ones(400), b, format), format)
        telling = np.flatnonzero(by_reciprocal != divide(a, b, format))[:24]
        inputs = floats(a[telling], dtype), floats(b[telling], dtype)
        comment = "a / b, where a product with the rounded 1 / b differs in the last place"
        yield make("Div", "reciprocal", 14, inputs, (ROUNDED,), ("reciprocal",), comment)


def broadcast() -> Iterator[Case]:
    """Two shapes of every kind that stretch to one."""
    for op in OPS:
        for i, (left, right) in enumerate(SHAPES):
            dtype = DTYPES[i % 3]
            draw = Draw(f"broadcast-{op}-{i}")
            a, b = drawn(draw, dtype, left), drawn(draw, dtype, right)
            size = 0 in left or 0 in right
            flags = ("broadcast", *(("zero-size",) if size else ()), *(("rank-0",) if () in (left, right) else ()))
            opset = 14 if dtype == "bfloat16" or i % 2 else 7
            comment = f"{list(left)} and {list(right)}"
            yield make(op, "broadcast", opset, (a, b), ("QREF-FE-001", ROUNDED), flags, comment)


def integers() -> Iterator[Case]:
    """Integers of every type, up to the ends of their range."""
    for dtype in (*LARGE, *SMALL):
        low, high = integer(dtype).lowest, integer(dtype).highest
        sign = -1 if low else 1
        pairs = {
            "Add": [(high - 1, 1), (low, 0), (high // 2, high // 2), (low // 2, low - low // 2), (3, 5), (9 * sign, 4)],
            "Sub": [(low + 1, 1), (high, high), (high, 0), (high // 2, high // 3), (7, 5), (9, 4 * sign)],
            "Mul": [(high, 1), (low, 1), (high // 2, 2), (high // 3, 3), (0, high), (5, 3 * sign), (low // 2, 2)],
        }
        opset = 14 if dtype in SMALL else 7
        flags = ("integers", *(("opset",) if dtype in SMALL else ()))
        for op, values in pairs.items():
            a, b = zip(*values, strict=True)
            inputs = whole_numbers(a, dtype), whole_numbers(b, dtype)
            yield make(op, "integers", opset, inputs, ("QREF-FE-005",), flags, "results up to the ends of the type")
    exact = tensor([2**53 + 1, -(2**53) - 1, 2**62 + 1, 2**24 + 1], "int64")
    for op in ("Add", "Sub", "Mul"):
        comment = "int64 numbers that float64 does not hold"
        same = tensor([1 if op == "Mul" else 0] * 4, "int64")
        yield make(op, "int64-exact", 14, (exact, same), ("QREF-FE-005",), ("integers", "wide-integers"), comment)


def whole_numbers(values: Sequence[int], dtype: str) -> Tensor:
    """Integers of any size as a tensor; NumPy alone would make floats of those of uint64."""
    return tensor(np.array(values, object), dtype)


def truncation() -> Iterator[Case]:
    """Quotients of integers toward zero, of every sign."""
    for dtype in (*LARGE, *SMALL):
        format = integer(dtype)
        opset = 14 if dtype in SMALL else 7
        sign = -1 if format.lowest else 1
        a = [7, 7 * sign, 8, 8 * sign, 1, sign, 0, format.highest, format.lowest, 5]
        b = [2, 2, 3 * sign, 3 * sign, 2, 2, 5, 2, 2, 5]
        comment = "7 / 2 is 3, −7 / 2 is −3: toward zero, never down"
        flags = ("integer-division", "integers", *(("opset",) if dtype in SMALL else ()))
        inputs = whole_numbers(a, dtype), whole_numbers(b, dtype)
        yield make("Div", "truncation", opset, inputs, ("QREF-FE-004",), flags, comment)
    wide = tensor([2**63 - 1, -(2**63) + 1, 2**53 + 1, 9007199254740993 * 3], "int64")
    comment = "quotients that float64 does not hold"
    flags = ("integer-division", "integers", "wide-integers")
    yield make("Div", "int64-exact", 14, (wide, tensor([1, 1, 1, 3], "int64")), ("QREF-FE-004",), flags, comment)


def errors() -> Iterator[Case]:
    """Shapes that do not broadcast, and types that differ or are not there yet."""
    for op in OPS:
        for left, right in (((2, 3), (2,)), ((2, 3), (3, 2)), ((4,), (2, 3)), ((0,), (2,)), ((2, 2, 3), (2, 1, 2))):
            a, b = floats(np.ones(left), "float32"), floats(np.ones(right), "float32")
            yield wrong(op, "broadcast", 14, (a, b), ("error", "broadcast"), f"{list(left)} and {list(right)}")
        one = tensor([1, 2], "int32"), floats([1.0, 2.0], "float32")
        yield wrong(op, "types", 14, one, ("error",), "int32 and float32")
        mixed = floats([1.0, 2.0], "float16"), floats([1.0, 2.0], "float32")
        yield wrong(op, "types", 14, mixed, ("error", "float16"), "float16 and float32")
        early = floats([1.0, 2.0], "bfloat16")
        yield wrong(op, "types", 7, (early, early), ("error", "opset", "bfloat16"), "bfloat16 comes with opset 13")
        small = tensor([1, 2], "int8")
        yield wrong(op, "types", 13, (small, small), ("error", "opset"), "int8 comes with opset 14")


def wrong(op: str, slug: str, opset: int, inputs: Sequence[Tensor], flags: Sequence[str], comment: str) -> Case:
    """A case that the text rules out."""
    return refused(SUITE, f"{slug}-error", ask(op, opset, inputs), ("QREF-FE-006",), flags, comment)


def open_cases() -> Iterator[Case]:
    """What no text fixes: integers beyond their type, and divided by zero."""
    flags = ("integers",)
    for dtype in ("int8", "uint8", "int32", "int64", "uint64"):
        format = integer(dtype)
        top, one = whole_numbers([format.highest, 1], dtype), tensor([1, 1], dtype)
        low = whole_numbers([format.lowest, 1], dtype)
        opset = 14
        for op, inputs in (("Add", (top, one)), ("Sub", (low, one)), ("Mul", (top, tensor([2, 1], dtype)))):
            yield left_open("open-behaviour", "overflow", ask(op, opset, inputs), flags, f"a result beyond {dtype}")
        zero = tensor([0, 1], dtype)
        yield left_open("open-behaviour", "zero", ask("Div", opset, (top, zero)), flags, "an integer divided by 0")
    lowest = tensor([-(2**31), 4], "int32"), tensor([-1, 2], "int32")
    yield left_open("open-behaviour", "overflow", ask("Div", 14, lowest), flags, "the lowest int32 divided by −1")
