"""Cases of Sigmoid, Tanh and Softmax for the suite `onnx-float`."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from qref.numerics.floats import float_format
from qref.numerics.tensor import Tensor, tensor
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, left_open, refused
from qref.vectors.generators.draw import Draw
from qref.vectors.generators.float_values import DTYPES, drawn, floats, narrow

SUITE = "onnx-float"
OPSETS = {"float32": (6, 13), "float16": (6, 13), "bfloat16": (13,)}
REQUIREMENTS = {"Sigmoid": ("QREF-FE-020", "QREF-FE-022"), "Tanh": ("QREF-FE-021", "QREF-FE-022")}
SOFTMAX = ("QREF-FE-025", "QREF-FE-022")
# where exp overflows, and where it becomes subnormal and zero, in each type
ENDS = {
    "float32": (88.75, 87.5, 103.0, 104.0),
    "bfloat16": (88.5, 87.5, 92.0, 93.5),
    "float16": (11.1, 9.75, 16.6, 17.5),
}
AXES = (
    ((2, 3), 1),
    ((2, 3), 0),
    ((2, 3, 4), 1),
    ((2, 3, 4), -1),
    ((2, 3, 4), -3),
    ((2, 2, 2), 0),
    ((5,), 0),
    ((2, 1, 3), 1),
)
ROWS = (((2, 3, 2), 1), ((2, 3, 2), 2), ((2, 3, 2), 0), ((2, 3), 1), ((4,), 0), ((2, 1, 2, 2), 2))


def cases() -> Iterator[Case]:
    """All cases of the three operators."""
    for op in ("Sigmoid", "Tanh"):
        yield from ordinary(op)
        yield from large(op)
        yield from small(op)
        yield from special(op)
        yield from shapes(op)
    yield from axes()
    yield from coerced()
    yield from rows()
    yield from masked()
    yield from long_rows()
    yield from errors()


def make(
    op: str,
    slug: str,
    opset: int,
    x: Tensor,
    flags: Sequence[str],
    comment: str,
    attributes: dict[str, Any] | None = None,
    requirements: Sequence[str] = (),
    signed_zero: bool = False,
) -> Case:
    """A case with the flag of its type."""
    based = requirements or REQUIREMENTS[op]
    return judged(SUITE, slug, ask(op, opset, (x,), attributes), based, (*flags, *narrow(x)), comment, signed_zero)


def ordinary(op: str) -> Iterator[Case]:
    """Numbers of every size that matters."""
    for dtype, opsets in OPSETS.items():
        for opset in opsets:
            draw = Draw(f"{op}-{dtype}")
            yield make(op, "ordinary", opset, drawn(draw, dtype, (6, 8), -4, 3), (), "48 numbers up to 16")


def large(op: str) -> Iterator[Case]:
    """Arguments for which exp overflows, and results are 1, or next to nothing."""
    for dtype in DTYPES:
        ends = [sign * v for v in ENDS[dtype] for sign in (1, -1)]
        top = float_format(dtype).highest
        values = [*ends, 20.0, -20.0, 40.0, -40.0, 200.0, -200.0, 1000.0, -1000.0, top, -top]
        comment = "beyond what exp holds: the quotient of infinities is NaN where the function is 1"
        yield make(op, "large", 13, floats(values, dtype), ("large-argument",), comment)
        tail = -np.arange(1, 17) * (1.0 if dtype != "float16" else 0.5)
        comment = "where the sigmoid falls toward 0" if op == "Sigmoid" else "where tanh approaches −1"
        yield make(op, "tail", 13, floats(tail, dtype), ("tail",), comment)


def small(op: str) -> Iterator[Case]:
    """Arguments near 0, down to the subnormal ones: tanh(x) is x, and 1 − e^(−2x) loses it."""
    for dtype in DTYPES:
        format = float_format(dtype)
        lowest = format.lowest_exponent
        exponents = [-2, -4, -6, -8, -11, -13]
        exponents += [] if dtype == "float16" else [-16, -20, -26, -40, -100]
        values = np.ldexp(1.3125, np.array(exponents))
        x = floats(np.concatenate([values, -values]), dtype)
        yield make(op, "small", 13, x, ("small-argument",), f"down to 2^{exponents[-1]}")
        below = np.ldexp([1.5, 0.75, -0.5, 0.25, -1.25], lowest)
        least = 2.0 ** (lowest - format.mantissa_bits)
        x = floats([*below, least, -least], dtype)
        yield make(op, "subnormal", 13, x, ("small-argument", "subnormal"), "at and below the smallest normal number")


def special(op: str) -> Iterator[Case]:
    """Infinities, NaN and zeros; tanh keeps the sign of zero."""
    for dtype in DTYPES:
        x = floats([np.inf, -np.inf, np.nan, 0.0, -0.0], dtype)
        flags = ("special-values", "not-a-number", *(("signed-zero",) if op == "Tanh" else ()))
        comment = "infinities give the limits, NaN stays, and zeros"
        yield make(op, "special", 13, x, flags, comment, signed_zero=op == "Tanh")


def shapes(op: str) -> Iterator[Case]:
    """Every rank, and no elements."""
    for shape in ((), (0,), (2, 0), (1,), (2, 1, 3)):
        flags = ("zero-size",) if 0 in shape else ("rank-0",) if shape == () else ()
        x = drawn(Draw(f"{op}-{shape}"), "float32", shape)
        yield make(op, "shape", 13, x, flags, f"shape {list(shape)}")


def axes() -> Iterator[Case]:
    """Softmax-13 along one axis, the last by default."""
    for dtype in DTYPES:
        for shape, axis in AXES:
            x = drawn(Draw(f"softmax-{dtype}-{shape}-{axis}"), dtype, shape, -3, 2)
            flags = ["axis"] if axis % len(shape) != len(shape) - 1 else []
            flags += ["negative-axis"] if axis < 0 else []
            comment = f"along axis {axis} of {list(shape)}"
            yield make("Softmax", "axis", 13, x, flags, comment, {"axis": axis}, ("QREF-FE-023", *SOFTMAX))
        x = drawn(Draw(f"softmax-default-{dtype}"), dtype, (3, 2, 3), -3, 2)
        comment = "no axis: the last one, and no other"
        flags = ["default-attribute", "opset"]
        yield make("Softmax", "default-axis", 13, x, flags, comment, None, ("QREF-FE-023", *SOFTMAX))
    for shape, axis in (((0, 3), 1), ((2, 0), 1), ((2, 0, 3), 0), ((2, 1), 1), ((1,), 0)):
        x = drawn(Draw(f"softmax-{shape}-{axis}"), "float32", shape)
        flags = ["zero-size"] if 0 in shape else []
        comment = f"along axis {axis} of {list(shape)}"
        yield make("Softmax", "shape", 13, x, flags, comment, {"axis": axis}, ("QREF-FE-023", *SOFTMAX))


def coerced() -> Iterator[Case]:
    """Softmax-1 and -11: everything from the axis on makes one row."""
    for opset in (1, 11):
        for dtype in ("float32", "float16"):
            for shape, axis in ROWS:
                x = drawn(Draw(f"softmax-{opset}-{dtype}-{shape}-{axis}"), dtype, shape, -3, 2)
                comment = f"{list(shape)} as a matrix whose rows begin at axis {axis}"
                flags = ("coerced", "opset", "axis")
                yield make("Softmax", "coerced", opset, x, flags, comment, {"axis": axis}, ("QREF-FE-024", *SOFTMAX))
        x = drawn(Draw(f"softmax-default-{opset}"), "float32", (3, 2, 3), -3, 2)
        flags = ("coerced", "opset", "default-attribute")
        comment = "no axis: 1, and all dimensions from there"
        yield make("Softmax", "default-axis", opset, x, flags, comment, None, ("QREF-FE-024", *SOFTMAX))
    for axis in (-1, -2):
        x = drawn(Draw(f"softmax-negative-{axis}"), "float32", (2, 3, 2), -3, 2)
        flags = ("coerced", "opset", "negative-axis")
        comment = f"axis {axis}, counted from the back"
        yield make("Softmax", "coerced", 11, x, flags, comment, {"axis": axis}, ("QREF-FE-024", *SOFTMAX))


def rows() -> Iterator[Case]:
    """Rows of large and equal elements, of elements far apart, and around where exp ends."""
    for dtype in DTYPES:
        top = float_format(dtype).highest
        big = 1000.0 if dtype != "float16" else 60.0
        values = [
            [big, big, big, big],
            [top, top, -top, top],
            [-big, -big - 8, -big - 16, -big - 8],
            [big, 0.0, -big, 1.0],
            [ENDS[dtype][0], ENDS[dtype][0], 1.0, 0.0],
        ]
        comment = "exp of these overflows, or all of them underflow: the largest is taken away first"
        flags = ("max-subtraction", "large-argument")
        yield make("Softmax", "large", 13, floats(values, dtype), flags, comment, None, SOFTMAX)
        first, last = (8.0, 16.5) if dtype == "float16" else (86.0, 104.0)
        falling = [[0.0, *-np.linspace(1, 8, 8)], [0.0, *-np.linspace(first, last, 8)]]
        comment = "probabilities down to the subnormal ones, and to 0"
        yield make("Softmax", "tail", 13, floats(falling, dtype), ("tail", "subnormal"), comment, None, SOFTMAX)
        equal = [[0.0] * 7, [-3.0] * 7, [0.5] * 7]
        yield make(
            "Softmax", "equal", 13, floats(equal, dtype), (), "equal elements: each has a seventh", None, SOFTMAX
        )


def masked() -> Iterator[Case]:
    """−∞ among numbers, −∞ alone, NaN."""
    for dtype in DTYPES:
        values = [[-np.inf, 1.0, 2.0, -np.inf], [0.0, -np.inf, -np.inf, -np.inf], [-5.0, -np.inf, 5.0, 0.0]]
        comment = "−∞ gives 0, and the others share the rest"
        flags = ("masked", "special-values")
        yield make("Softmax", "masked", 13, floats(values, dtype), flags, comment, None, ("QREF-FE-026", *SOFTMAX))
        nothing = [[-np.inf] * 4, [1.0, np.nan, 2.0, 0.0], [1.0, 2.0, 3.0, 4.0]]
        comment = "a row of −∞, or with a NaN, is NaN in all its elements; the next row is not"
        flags = ("not-a-number", "special-values")
        yield make("Softmax", "nan", 13, floats(nothing, dtype), flags, comment, None, ("QREF-FE-026", *SOFTMAX))


def long_rows() -> Iterator[Case]:
    """Rows whose sum a narrow accumulator loses, and rows of lengths around a vector's."""
    for dtype in DTYPES:
        x = drawn(Draw(f"softmax-long-{dtype}"), dtype, (1, 300), -4, 0)
        yield make("Softmax", "long", 13, x, ("long-sum",), "300 elements, each of about 1/300", None, SOFTMAX)
    for K in (2, 7, 8, 9, 15, 17, 33):
        x = drawn(Draw(f"softmax-{K}"), "float32", (2, K), -3, 2)
        yield make("Softmax", "length", 13, x, (), f"rows of {K}", None, SOFTMAX)


def errors() -> Iterator[Case]:
    """Axes out of range, and types that are not there."""
    x = floats(np.ones((2, 3)), "float32")
    rows: list[tuple[int, Tensor, dict[str, Any], str]] = [
        (13, x, {"axis": 2}, "axis 2 of rank 2"),
        (13, x, {"axis": -3}, "axis −3 of rank 2"),
        (11, x, {"axis": 2}, "axis 2 of rank 2"),
        (11, floats(np.ones(3), "float32"), {}, "the default axis 1 of rank 1"),
        (13, floats(1.0, "float32"), {}, "rank 0 has no axis"),
        (11, floats(np.ones((2, 3)), "bfloat16"), {}, "bfloat16 comes with opset 13"),
        (13, tensor([[1, 2]], "int32"), {}, "no integers"),
    ]
    for opset, given, attributes, comment in rows:
        request = ask("Softmax", opset, (given,), attributes)
        flags = ("error", *(("axis",) if "axis" in comment else ()))
        yield refused(SUITE, "error", request, ("QREF-FE-027",), flags, comment)
    for op in ("Sigmoid", "Tanh"):
        early = ask(op, 6, (floats([1.0], "bfloat16"),))
        yield refused(SUITE, "error", early, ("QREF-FE-017",), ("error", "opset"), "bfloat16 comes with opset 13")
        whole = ask(op, 13, (tensor([1], "int32"),))
        yield refused(SUITE, "error", whole, ("QREF-FE-017",), ("error",), "no integers")


def open_cases() -> Iterator[Case]:
    """Softmax of infinity: by the formula 0 beside NaN, by the function body NaN everywhere; axes without a text."""
    infinite = ask("Softmax", 13, (floats([[1.0, np.inf, 0.0]], "float32"),))
    yield left_open("open-behaviour", "infinity", infinite, ("infinity",), "∞ in a row")
    negative = ask("Softmax", 1, (floats([[1.0, 2.0]], "float32"),), {"axis": -1})
    yield left_open("open-behaviour", "axis", negative, ("negative-axis",), "Softmax-1 has no negative axes")
