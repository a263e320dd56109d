"""Cases of BatchNormalization for the suite `onnx-float`."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from qref.numerics.tensor import Tensor
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, left_open, refused
from qref.vectors.generators.draw import Draw
from qref.vectors.generators.float_values import DTYPES, drawn, floats, narrow, whole

SUITE = "onnx-float"
FORMULA, TYPES, SHAPES, TOLERANCE, ERRORS = (f"QREF-FP-{i:03d}" for i in range(31, 36))


def cases() -> Iterator[Case]:
    """All cases of BatchNormalization."""
    yield from shapes()
    yield from epsilons()
    yield from numbers()
    yield from mixed_types()
    yield from opsets()
    yield from errors()


def opset_of(dtype: str) -> int:
    """The first opset that has the type and no attribute `spatial`."""
    return 14 if dtype == "bfloat16" else 9


def make(
    slug: str,
    opset: int,
    inputs: Sequence[Tensor],
    requirements: tuple[str, ...],
    flags: tuple[str, ...],
    comment: str,
    attributes: dict[str, Any] | None = None,
) -> Case:
    """A case; the flag of its type is added."""
    request = ask("BatchNormalization", opset, inputs, attributes)
    return judged(SUITE, slug, request, requirements, tuple(dict.fromkeys((*flags, *narrow(inputs[0])))), comment)


def statistics(draw: Draw, dtype: str, shape: tuple[int, ...]) -> list[Tensor]:
    """scale, B, mean and a positive var of a shape."""
    scale, b, mean = (drawn(draw, dtype, shape) for _ in range(3))
    return [scale, b, mean, floats(draw.float32(-3, 2, shape), dtype)]


def shapes() -> Iterator[Case]:
    """Every rank: the channel is the second dimension, also where another is as long."""
    draw = Draw("batch-normalization")
    rows: tuple[tuple[int, ...], ...] = (
        (2, 3, 2, 3),
        (3, 3, 3),
        (2, 4),
        (1, 2, 2, 3, 2),
        (4, 4, 4, 4),
        (5,),
        (0, 2, 3),
        (1, 17, 1, 2),
    )
    for shape in rows:
        for dtype in DTYPES:
            channels = shape[1] if len(shape) > 1 else 1
            inputs = [drawn(draw, dtype, shape), *statistics(draw, dtype, (channels,))]
            flags = ("batch",) if shape[0] > 1 else ("zero-size",) if 0 in shape else ()
            comment = f"x {list(shape)}, {channels} channels"
            requirements = (FORMULA, SHAPES, *(("QREF-FP-007",) if 0 in shape else ()))
            yield make("shape", opset_of(dtype), inputs, requirements, flags, comment)
    for dtype in DTYPES:
        x, scale, b, mean = (whole(draw, dtype, shape) for shape in ((2, 3, 4), (3,), (3,), (3,)))
        var = floats([1.0, 4.0, 0.25], dtype)
        comment = "squares as variance and an epsilon of 0: every root is a number of the type"
        yield make(
            "squares", opset_of(dtype), (x, scale, b, mean, var), (FORMULA,), ("whole-numbers", "epsilon", "batch"),
            comment, {"epsilon": 0.0},
        )  # fmt: skip


def epsilons() -> Iterator[Case]:
    """An epsilon as large as the variance, one that is all of it, the default beside a small variance."""
    draw = Draw("batch-normalization-epsilon")
    for dtype in DTYPES:
        x, scale, b, mean = (drawn(draw, dtype, shape) for shape in ((1, 4, 3), (4,), (4,), (4,)))
        rows = (
            (0.5, [0.5, 0.25, 2.0, 1.0]), (1.0, [0.0, 0.0, 3.0, 0.5]), (2.0**-10, [2.0**-10, 2.0**-8, 0.0, 1.0]),
            (None, [0.01, 0.002, 0.05, 0.5]),
        )  # fmt: skip
        for epsilon, var in rows:
            comment = f"epsilon {'by default' if epsilon is None else f'{epsilon:g}'}, var {var}"
            attributes = {} if epsilon is None else {"epsilon": epsilon}
            inputs = (x, scale, b, mean, floats(var, dtype))
            yield make("epsilon", opset_of(dtype), inputs, (FORMULA,), ("epsilon",), comment, attributes)


def numbers() -> Iterator[Case]:
    """x next to the mean, a bias that cancels, magnitudes worlds apart, infinity and NaN in single elements."""
    draw = Draw("batch-normalization-numbers")
    for dtype in DTYPES:
        ulp = 2.0 ** {"float32": -23, "float16": -10, "bfloat16": -7}[dtype]
        mean = floats([1.0, -1.5], dtype)
        x = floats(np.array([[1.0 + ulp, 1.0 - ulp / 2, 1.0], [-1.5 - ulp, -1.5 + 2 * ulp, -1.5]])[None], dtype)
        tail = (floats([3.0, 0.75], dtype), floats([0.0, 0.0], dtype), mean, floats([0.7, 0.3], dtype))
        comment = "x in the last places beside the mean"
        yield make("cancellation", opset_of(dtype), (x, *tail), (FORMULA, TOLERANCE), ("cancellation",), comment)
        x, scale = floats([[[3.0, 3.0 + 2 * ulp], [-5.0, 5.0]]], dtype), floats([2.0, 0.5], dtype)
        tail = (scale, floats([-4.0, 2.0], dtype), floats([1.0, -1.0], dtype), floats([1.0, 1.0], dtype))
        comment = "a bias that cancels the rest"
        attributes = {"epsilon": 0.0}
        requirements = (FORMULA, TOLERANCE)
        yield make("cancellation", opset_of(dtype), (x, *tail), requirements, ("cancellation",), comment, attributes)
        far = 6 if dtype == "float16" else 40
        x = floats(
            np.ldexp(draw.signed_float32(-1, 0, (2, 3, 2)).astype(np.float64), np.array([[-far], [0], [far]])), dtype
        )
        scale, _, _, var = statistics(draw, dtype, (3,))
        small = floats(np.ldexp(draw.signed_float32(-1, 0, (3,)).astype(np.float64), np.array([-far, 0, far])), dtype)
        comment = f"channels 2^{far} apart"
        yield make(
            "magnitudes", opset_of(dtype), (x, scale, small, small, var), requirements, ("magnitudes", "batch"), comment
        )
        values = draw.integers(-5, 5, (1, 2, 4)).astype(np.float64)
        values[0, 0, 1], values[0, 1, 0], values[0, 1, 3] = np.inf, -np.inf, np.nan
        b, mean = (whole(draw, dtype, (2,), 3) for _ in range(2))
        inputs = (floats(values, dtype), floats([2.0, -3.0], dtype), b, mean, floats([1.0, 2.0], dtype))
        comment = "∞, −∞ and NaN in single elements"
        flags = ("infinity", "not-a-number")
        yield make("special", opset_of(dtype), inputs, (FORMULA, "QREF-FS-003"), flags, comment)


def mixed_types() -> Iterator[Case]:
    """From opset 14 mean and var, from opset 15 scale and B have types of their own; Y has X's."""
    draw = Draw("batch-normalization-types")
    for opset, x_dtype, scale_dtype, mean_dtype in (
        (14, "float16", "float16", "float32"),
        (14, "bfloat16", "bfloat16", "float32"),
        (14, "float32", "float32", "float16"),
        (15, "float16", "float32", "float32"),
        (15, "bfloat16", "float32", "float32"),
        (15, "float16", "float32", "float16"),
        (15, "float32", "float16", "bfloat16"),
    ):
        x = drawn(draw, x_dtype, (2, 3, 3))
        scale, b = (drawn(draw, scale_dtype, (3,)) for _ in range(2))
        mean, var = drawn(draw, mean_dtype, (3,)), floats(draw.float32(-2, 2, (3,)), mean_dtype)
        comment = f"x {x_dtype}, scale and B {scale_dtype}, mean and var {mean_dtype}"
        flags = ("mixed-types", "opset", "batch")
        yield make("types", opset, (x, scale, b, mean, var), (FORMULA, TYPES), flags, comment)


def opsets() -> Iterator[Case]:
    """One case of each opset's text: is_test, spatial, inference by default."""
    draw = Draw("batch-normalization-opsets")
    x, tail = drawn(draw, "float32", (2, 2, 3, 2)), statistics(draw, "float32", (2,))
    by_element = statistics(draw, "float32", (2, 3, 2))
    rows: list[tuple[int, list[Tensor], dict[str, Any], str]] = [
        (1, tail, {"is_test": 1, "consumed_inputs": [0, 0, 0, 1, 1]}, "opset 1: is_test"),
        (6, tail, {"is_test": 1}, "opset 6: is_test"),
        (7, tail, {}, "opset 7: spatial by default"),
        (7, by_element, {"spatial": 0}, "opset 7: statistics of each element"),
        (9, tail, {"momentum": 0.5}, "opset 9: momentum is training's"),
        (14, tail, {"momentum": 0.5}, "opset 14: momentum is training's"),
        (15, tail, {"epsilon": 0.001}, "opset 15"),
    ]
    for opset, rest, attributes, comment in rows:
        flags = ("opset", "batch", *(("epsilon",) if "epsilon" in attributes else ()))
        yield make("opset", opset, (x, *rest), (FORMULA, SHAPES), flags, comment, attributes)


def errors() -> Iterator[Case]:
    """What the text rules out."""
    ones, three = floats([1.0, 1.0], "float32"), floats([1.0, 1.0, 1.0], "float32")
    x = floats(np.ones((1, 2, 3)), "float32")
    half = floats([1.0, 1.0], "float16")
    rows: list[tuple[str, int, tuple[Tensor, ...]]] = [
        ("a scale of 3 for two channels", 9, (x, three, ones, ones, ones)),
        ("a var of 3 for two channels", 15, (x, ones, ones, ones, three)),
        ("opset 9: a mean of another type", 9, (x, ones, ones, half, half)),
        ("mean and var of two types", 15, (x, ones, ones, half, ones)),
    ]
    for comment, opset, inputs in rows:
        yield refused(SUITE, "error", ask("BatchNormalization", opset, inputs), (ERRORS,), ("error",), comment)


def open_cases() -> Iterator[Case]:
    """What the text leaves open, for the suite `open-behaviour`."""
    x, one, zero = floats([[[1.0, -1.0, 0.0]]], "float32"), floats([1.0], "float32"), floats([0.0], "float32")
    rows = (
        ("a variance and an epsilon of zero", zero, 0.0),
        ("a negative variance", floats([-1.0], "float32"), 1e-5),
    )
    for comment, var, epsilon in rows:
        request = ask("BatchNormalization", 9, (x, one, zero, zero, var), {"epsilon": epsilon})
        yield left_open("open-behaviour", "variance", request, ("epsilon",), comment)
