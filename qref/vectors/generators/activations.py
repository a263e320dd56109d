"""Cases of Relu, LeakyRelu, PRelu, Clip, HardSigmoid and HardSwish for the suite `onnx-float`."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from qref.numerics.floats import float_format
from qref.numerics.formats import integer
from qref.numerics.tensor import Tensor, tensor
from qref.vectors.case import Case
from qref.vectors.generators.binary_elementwise import whole_numbers
from qref.vectors.generators.builder import ask, judged, left_open, refused
from qref.vectors.generators.draw import Draw
from qref.vectors.generators.float_values import DTYPES, drawn, floats, narrow

SUITE = "onnx-float"
# the opsets in which a float type is judged: the first that has it, and those whose text reads otherwise
RELU = {"float32": (6, 14), "float16": (6, 14), "bfloat16": (13, 14)}
LEAKY_RELU = {"float32": (6, 16), "float16": (6, 16), "bfloat16": (16,)}
P_RELU = {"float32": (7, 16), "float16": (7, 16), "bfloat16": (16,)}
HARD_SIGMOID = {"float32": (6, 22), "float16": (6, 22), "bfloat16": (22,)}
HARD_SWISH = {"float32": (14, 22), "float16": (14, 22), "bfloat16": (22,)}
CLIP = {"float32": (6, 11, 12, 13), "float16": (6, 11, 13), "bfloat16": (13,)}
SLOPES = (
    ((2, 3, 2), (3, 1)),
    ((2, 3, 2), (1, 3, 1)),
    ((2, 3, 2), (2,)),
    ((2, 3, 2), ()),
    ((2, 3, 2), (1,)),
    ((2, 3, 2), (2, 3, 2)),
    ((2, 3, 2), (2, 1, 1)),
    ((3, 3), (3, 1)),
    ((3, 3), (3,)),
    # as many columns as channels: which of the two a slope [3] belongs to shows
    ((2, 3, 3), (3,)),
    ((1, 3, 2, 3), (3,)),
    ((4,), (4,)),
    ((), ()),
    ((0, 3), (3,)),
)


def cases() -> Iterator[Case]:
    """All cases of the six operators."""
    yield from relu()
    yield from leaky_relu()
    yield from p_relu()
    yield from clip()
    yield from clip_of_integers()
    yield from clip_limits()
    yield from hard_sigmoid()
    yield from hard_swish()
    yield from shapes()
    yield from errors()


def make(
    op: str,
    slug: str,
    opset: int,
    inputs: Sequence[Tensor | None],
    requirements: Sequence[str],
    flags: Sequence[str],
    comment: str,
    attributes: dict[str, Any] | None = None,
) -> Case:
    """A case with the flag of its type."""
    return judged(SUITE, slug, ask(op, opset, inputs, attributes), requirements, (*flags, *narrow(inputs[0])), comment)


def edges(dtype: str) -> list[float]:
    """Zeros, the smallest and largest numbers of either sign, and infinities."""
    format = float_format(dtype)
    least, normal = format.smallest_subnormal, format.smallest_normal
    return [0.0, -0.0, least, -least, normal, -normal, format.highest, -format.highest, np.inf, -np.inf]


def relu() -> Iterator[Case]:
    """Numbers of either sign, the edges of each type, integers."""
    for dtype, opsets in RELU.items():
        for opset in opsets:
            x = drawn(Draw(f"relu-{dtype}"), dtype, (3, 4), -4, 4)
            yield make("Relu", "ordinary", opset, (x,), ("QREF-FE-010",), (), "numbers of either sign")
            comment = "zeros, subnormal and largest numbers, infinities"
            flags = ("special-values", "subnormal")
            yield make("Relu", "edges", opset, (floats(edges(dtype), dtype),), ("QREF-FE-010",), flags, comment)
    for dtype in ("int8", "int16", "int32", "int64"):
        format = integer(dtype)
        x = whole_numbers([format.lowest, -1, 0, 1, format.highest], dtype)
        yield make(
            "Relu", "integers", 14, (x,), ("QREF-FE-010",), ("integers", "opset"), "signed integers, from opset 14"
        )


def leaky_relu() -> Iterator[Case]:
    """Every kind of alpha, and what becomes of zeros, infinities and NaN."""
    for dtype, opsets in LEAKY_RELU.items():
        for opset in opsets:
            x = drawn(Draw(f"leaky-{dtype}"), dtype, (4, 4), -4, 4)
            for alpha in (None, 0.1, 1 / 3, 0.0, 1.0, 2.5, -0.5):
                attributes = {} if alpha is None else {"alpha": alpha}
                flags = ("slope", *(("default-attribute",) if alpha is None else ()))
                comment = "alpha by default 0.01" if alpha is None else f"alpha {alpha:.3g}"
                yield make("LeakyRelu", "alpha", opset, (x,), ("QREF-FE-011",), flags, comment, attributes)
            inputs = (floats([*edges(dtype), np.nan], dtype),)
            comment = "zeros, subnormal and largest numbers, infinities; NaN is not less than 0"
            flags = ("special-values", "subnormal")
            yield make("LeakyRelu", "edges", opset, inputs, ("QREF-FE-011",), flags, comment, {"alpha": 0.25})


def p_relu() -> Iterator[Case]:
    """Slopes of every shape that broadcasts, every type."""
    for dtype, opsets in P_RELU.items():
        for opset in opsets:
            for shape, slope in SLOPES:
                draw = Draw(f"prelu-{dtype}-{shape}-{slope}")
                inputs = drawn(draw, dtype, shape, -4, 4), drawn(draw, dtype, slope)
                flags = ("slope", "broadcast", *(("zero-size",) if 0 in shape else ()), *(() if shape else ("rank-0",)))
                comment = f"slope {list(slope)} for {list(shape)}"
                yield make("PRelu", "slope", opset, inputs, ("QREF-FE-012",), flags, comment)
            inputs = floats([*edges(dtype), np.nan], dtype), floats([0.25], dtype)
            comment = "zeros, subnormal and largest numbers, infinities; NaN is not less than 0"
            flags = ("special-values", "subnormal")
            yield make("PRelu", "edges", opset, inputs, ("QREF-FE-012",), flags, comment)
            signs = floats([-2.0, -0.5, -1.0, 3.0, -4.0], dtype), floats([-1.5, 0.0, 1.0, -2.0, 2.5], dtype)
            comment = "negative and zero slopes, and slopes above 1: no maximum of x and slope · x gives them"
            yield make("PRelu", "slope", opset, signs, ("QREF-FE-012",), ("slope",), comment)
    for dtype in ("int32", "int64", "uint32", "uint64"):
        format = integer(dtype)
        values = [-3, 0, 4, format.lowest, format.highest] if format.lowest else [0, 1, 5, 100, format.highest]
        inputs = whole_numbers(values, dtype), whole_numbers([5, 7, 2, 1, 3], dtype)
        for opset in (9, 16):
            flags = ("integers", "slope", *(("opset",) if opset == 9 else ()))
            yield make("PRelu", "integers", opset, inputs, ("QREF-FE-012",), flags, f"{dtype}, from opset 9")


def clip() -> Iterator[Case]:
    """Both limits, one, none; as attributes in opset 6, as inputs later."""
    for dtype, opsets in CLIP.items():
        x = floats([-3.0, -1.0, -0.75, -0.25, 0.0, 0.3, 0.5, 1.0, 2.5, 100.0, -np.inf, np.inf], dtype)
        for opset in opsets:
            for low, high in ((-0.75, 1.0), (0.3, 0.3), (0.0, 6.0), (-2.0, None), (None, 0.5)):
                absent = () if low is not None and high is not None else ("absent-limit",)
                comment = f"held within [{low}, {high}]"
                requirements = ("QREF-FE-014", *(("QREF-FE-016",) if absent else ()))
                if opset == 6:
                    limits = {"min": low, "max": high}
                    attributes = {name: limit for name, limit in limits.items() if limit is not None}
                    yield make(
                        "Clip", "limits", 6, (x,), requirements, (*absent, "special-values"), comment, attributes
                    )
                    continue
                inputs = [x, *(None if limit is None else floats(limit, dtype) for limit in (low, high))]
                inputs = inputs[:2] if high is None else inputs
                yield make("Clip", "limits", opset, inputs, requirements, (*absent, "special-values"), comment)
            comment = "no limits: infinities stay, or become the largest numbers"
            flags = ("absent-limit", "special-values")
            yield make("Clip", "limits", opset, (x,), ("QREF-FE-016",), flags, comment)


def clip_of_integers() -> Iterator[Case]:
    """Integers of every type; 64-bit ones that no float holds."""
    for dtype in ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"):
        low, high = integer(dtype).lowest, integer(dtype).highest
        x = whole_numbers([low, low + 1, 0, 3, 5, 100, high - 1, high], dtype)
        three, most = whole_numbers([3, high - 1], dtype), whole_numbers([high - 1], dtype)
        limits: tuple[tuple[Tensor | None, ...], ...] = (
            (tensor(three.data[0], dtype), tensor(most.data[0], dtype)),
            (None, tensor(three.data[0], dtype)),
            (tensor(most.data[0], dtype),),
            (),
        )
        for given in limits:
            for opset in (12, 13):
                comment = f"{dtype} within given limits, or the type's own"
                flags = (
                    "integers",
                    *(("opset",) if opset == 12 else ()),
                    *(("absent-limit",) if len(given) < 2 else ()),
                )
                flags += ("wide-integers",) if dtype in ("int64", "uint64") else ()
                yield make("Clip", "integers", opset, (x, *given), ("QREF-FE-014",), flags, comment)


def clip_limits() -> Iterator[Case]:
    """min above max, which opset 13 resolves, infinite limits, and NaN in the input."""
    for dtype in DTYPES:
        x = floats([-3.0, 0.0, 1.0, 1.5, 2.0, 5.0, -np.inf, np.inf], dtype)
        comment = "min 2, max 1: every element becomes max"
        inputs = (x, floats(2.0, dtype), floats(1.0, dtype))
        yield make("Clip", "min-above-max", 13, inputs, ("QREF-FE-015",), ("min-above-max", "special-values"), comment)
        wide = (x, floats(-np.inf, dtype), floats(np.inf, dtype))
        yield make("Clip", "limits", 13, wide, ("QREF-FE-014",), ("special-values",), "infinite limits limit nothing")
        nan = floats([np.nan, -3.0, 3.0], dtype)
        comment = "NaN is neither less than min nor greater than max"
        inputs = (nan, floats(-1.0, dtype), floats(1.0, dtype))
        yield make("Clip", "nan", 13, inputs, ("QREF-FE-016",), ("not-a-number",), comment)
    inputs = tensor([1, 5, 9], "int32"), tensor(7, "int32"), tensor(2, "int32")
    comment = "min 7, max 2: every element becomes max"
    yield make("Clip", "min-above-max", 13, inputs, ("QREF-FE-015",), ("min-above-max", "integers"), comment)


def hard_sigmoid() -> Iterator[Case]:
    """Defaults and other slopes, the ends of the slope, infinities."""
    for dtype, opsets in HARD_SIGMOID.items():
        for opset in opsets:
            for alpha, beta in ((None, None), (0.5, 0.5), (1 / 6, 0.5), (0.1, 0.25), (-0.25, 0.75), (1.0, 0.0)):
                given = {"alpha": alpha, "beta": beta}
                attributes = {name: value for name, value in given.items() if value is not None}
                x = drawn(Draw(f"hard-sigmoid-{dtype}"), dtype, (4, 4), -3, 2)
                comment = "by default 0.2 and 0.5" if alpha is None else f"alpha {alpha:.3g}, beta {beta:.3g}"
                flags = ("slope", *(("default-attribute",) if alpha is None else ()))
                yield make("HardSigmoid", "slope", opset, (x,), ("QREF-FE-018",), flags, comment, attributes)
            ulp = 2.0 ** (2 - float_format(dtype).precision)
            ends = [-2.0, 2.0, -2.0 + ulp, -2.0 - ulp, 2.0 - ulp, 2.0 + ulp, 1e4, -1e4, np.inf, -np.inf, 0.0]
            inputs = (floats(ends, dtype),)
            comment = "alpha 0.25, beta 0.5: 0 and 1 at −2 and 2, and a unit in the last place beside them"
            flags = ("kink", "special-values")
            yield make("HardSigmoid", "ends", opset, inputs, ("QREF-FE-018",), flags, comment, {"alpha": 0.25})


def hard_swish() -> Iterator[Case]:
    """The slope, its ends at ±3, and large numbers, for which 6x overflows."""
    for dtype, opsets in HARD_SWISH.items():
        for opset in opsets:
            x = drawn(Draw(f"hard-swish-{dtype}"), dtype, (6, 6), -6, 1)
            yield make("HardSwish", "slope", opset, (x,), ("QREF-FE-019",), ("slope",), "36 numbers between −4 and 4")
            ulp = 2.0 ** (2 - float_format(dtype).precision)
            ends = [-3.0 - ulp, 3.0, 3.0 - ulp, 3.0 + ulp, 3.5, -3.5, 100.0, -100.0, 0.0, np.inf]
            comment = "the ends of the slope, and beyond: x itself, or 0"
            flags = ("kink", "special-values")
            yield make("HardSwish", "ends", opset, (floats(ends, dtype),), ("QREF-FE-019",), flags, comment)
            top = float_format(dtype).highest
            large = floats([top, top / 2, top / 5, -top, 1000.0], dtype)
            comment = "large numbers stay what they are: six times them, or their square, overflows"
            yield make("HardSwish", "large", opset, (large,), ("QREF-FE-019",), ("large-argument",), comment)


def shapes() -> Iterator[Case]:
    """Every rank, and no elements."""
    operators = (
        *(("Relu", 14, "QREF-FE-010"), ("LeakyRelu", 16, "QREF-FE-011"), ("Clip", 13, "QREF-FE-016")),
        *(("HardSigmoid", 22, "QREF-FE-018"), ("HardSwish", 22, "QREF-FE-019")),
    )
    for op, opset, requirement in operators:
        for shape in ((), (1,), (0,), (2, 0, 3), (2, 1, 3), (1, 2, 1, 2, 1)):
            x = drawn(Draw(f"{op}-{shape}"), "float32", shape)
            flags = ("zero-size",) if 0 in shape else ("rank-0",) if shape == () else ()
            yield make(op, "shape", opset, (x,), (requirement,), flags, f"shape {list(shape)}")


def errors() -> Iterator[Case]:
    """Types that an opset does not have, slopes and limits of wrong shapes."""
    one = floats([1.0, -1.0], "float32")
    whole, unsigned, brain = tensor([1, -1], "int32"), tensor([1, 2], "uint8"), floats([1.0, -1.0], "bfloat16")
    rows = (
        ("Relu", 13, (whole,), "integers come with opset 14"),
        ("Relu", 14, (unsigned,), "no unsigned integers"),
        ("Relu", 6, (brain,), "bfloat16 comes with opset 13"),
        ("LeakyRelu", 6, (brain,), "bfloat16 comes with opset 16"),
        ("LeakyRelu", 16, (whole,), "no integers"),
        ("HardSigmoid", 6, (brain,), "bfloat16 comes with opset 22"),
        ("HardSwish", 14, (brain,), "bfloat16 comes with opset 22"),
        ("HardSwish", 22, (whole,), "no integers"),
        ("Clip", 11, (whole,), "integers come with opset 12"),
        ("Clip", 12, (brain,), "bfloat16 comes with opset 13"),
        ("PRelu", 9, (brain, brain), "bfloat16 comes with opset 16"),
        ("PRelu", 7, (whole, whole), "integers come with opset 9"),
    )
    for op, opset, inputs, comment in rows:
        request = ask(op, opset, inputs)
        yield refused(SUITE, "types-error", request, ("QREF-FE-017",), ("error", "opset"), comment)
    for shape, slope in (((2,), (3,)), ((1,), (2,)), ((2, 3), (2,)), ((3,), (1, 3)), ((2, 3), (3, 2))):
        request = ask("PRelu", 16, (floats(np.ones(shape), "float32"), floats(np.ones(slope), "float32")))
        comment = f"slope {list(slope)} does not broadcast to {list(shape)}"
        yield refused(SUITE, "slope-error", request, ("QREF-FE-013",), ("error", "broadcast"), comment)
    mixed = ask("PRelu", 16, (one, floats([1.0, 1.0], "float16")))
    yield refused(SUITE, "slope-error", mixed, ("QREF-FE-013",), ("error",), "slope of another type")
    for limit, comment in (
        (floats([0.0, 1.0], "float32"), "min is no scalar"),
        (floats(0.0, "float16"), "min is of another type"),
    ):
        request = ask("Clip", 13, (one, limit))
        yield refused(SUITE, "limits-error", request, ("QREF-FE-017",), ("error",), comment)


def open_cases() -> Iterator[Case]:
    """What no text fixes: NaN in a maximum or minimum, min above max before opset 13, a product that overflows."""
    nan = floats([np.nan, 1.0, -1.0], "float32")
    rows: list[tuple[str, int, tuple[Tensor | None, ...], str]] = [
        ("Relu", 14, (nan,), "max(0, NaN)"),
        ("HardSigmoid", 22, (nan,), "min(1, NaN)"),
        ("HardSwish", 22, (nan,), "min(1, NaN)"),
        ("HardSwish", 22, (floats([-np.inf, 1.0], "float32"),), "−∞ · 0, where the limit is 0"),
        ("Clip", 12, (nan, floats(-1.0, "float32"), floats(1.0, "float32")), "NaN between limits, before opset 13"),
        ("Clip", 12, (floats([0.0, 3.0], "float32"), floats(2.0, "float32"), floats(1.0, "float32")), "min above max"),
        ("Clip", 13, (floats([0.0, 3.0], "float32"), floats(np.nan, "float32")), "a limit is NaN"),
        ("PRelu", 16, (tensor([-(2**31), 1], "int32"), tensor([2, 1], "int32")), "a product beyond int32"),
    ]
    for op, opset, inputs, comment in rows:
        yield left_open("open-behaviour", "undefined", ask(op, opset, inputs), (), comment)
