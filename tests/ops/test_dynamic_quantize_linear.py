"""DynamicQuantizeLinear against its published function body, and step by step on exact rationals."""

import math
import random
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import onnx.defs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx.reference import ReferenceEvaluator

from qref.errors import InvalidInput, NotFixed
from qref.numerics.tensor import Tensor, tensor
from qref.ops import run
from qref.ops.request import Request

Nearest = Callable[[Fraction | float, str], float]


def dynamic(x: Tensor, outputs: int = 3) -> list[Tensor]:
    return run(Request("DynamicQuantizeLinear", "", 11, {}, (x,), outputs=outputs))


def inputs(seed: int) -> Tensor:
    """Ranges of every size and place; values near ties of the scale that they lead to."""
    rng = random.Random(seed)
    size = 2.0 ** rng.randint(-100, 100)
    low, high = sorted(rng.uniform(-1, 1) * size * rng.choice([1, 1, 1e-3]) for _ in range(2))
    values = [low, high]
    scale = (max(high, 0.0) - min(low, 0.0)) / 255
    for _ in range(20):
        near = (rng.randint(-260, 260) + 0.5) * scale * rng.choice([1, 1, 1 + 2.0**-23])
        values.append(min(max(near, low), high))
    rng.shuffle(values)
    return tensor(np.array(values).reshape(2, 11), "float32")


def by_steps(x: Tensor, nearest: Nearest) -> tuple[list[int], float, int]:
    """The function body's steps, each on exact rationals and then rounded to float32."""
    values = [Fraction(float(v)) for v in x.data.ravel()]
    lowest, highest = min(Fraction(0), *values), max(Fraction(0), *values)
    scale = Fraction(nearest(Fraction(nearest(highest - lowest, "float32")) / 255, "float32"))
    initial = Fraction(nearest(0 - Fraction(nearest(lowest / scale, "float32")), "float32"))
    zero = round(min(max(initial, Fraction(0)), Fraction(255)))
    quotients = [Fraction(nearest(v / scale, "float32")) for v in values]
    return [min(max(round(q) + zero, 0), 255) for q in quotients], float(scale), zero


@pytest.mark.requirement("QREF-QD-019", "QREF-QD-020", "QREF-QD-021")
@given(seed=st.integers(0, 2**32))
def test_every_step_is_rounded_to_float32(nearest: Nearest, seed: int) -> None:
    x = inputs(seed)
    y, scale, zero = dynamic(x)
    assert (y.dtype, y.shape, scale.dtype, scale.shape, zero.dtype, zero.shape) == (
        "uint8", x.shape, "float32", (), "uint8", (),
    )  # fmt: skip
    assert (y.data.ravel().tolist(), float(scale.data), int(zero.data)) == by_steps(x, nearest)


@pytest.mark.requirement("QREF-QD-019", "QREF-QD-020", "QREF-QD-021")
@given(seed=st.integers(0, 2**32))
def test_the_published_function_body_gives_the_same(seed: int) -> None:
    x = inputs(seed)
    body = ReferenceEvaluator(onnx.defs.get_schema("DynamicQuantizeLinear", 11).function_body)
    theirs = body.run(None, {"x": x.data}, attributes={})
    for ours, other in zip(dynamic(x), theirs, strict=True):
        np.testing.assert_array_equal(ours.data, other)


@pytest.mark.requirement("QREF-QD-019", "QREF-QD-020", "QREF-QD-021")
@pytest.mark.parametrize(
    ("values", "scale", "zero", "y"),
    [
        ([0.0, 2.0, -3.0, -2.5, 1.34, 0.5], 5 / 255, 153, [153, 255, 0, 26, 221, 179]),  # ONNX's own example
        ([-1.0, -2.1, -1.3, -2.5, -3.34, -4.0], 4 / 255, 255, [191, 121, 172, 96, 42, 0]),
        ([1.0, 2.1, 1.3, 2.5, 3.34, 4.0], 4 / 255, 0, [64, 134, 83, 159, 213, 255]),
        ([255.0], 1.0, 0, [255]),
        ([-255.0], 1.0, 255, [0]),
        ([-127.5, 127.5], 1.0, 128, [0, 255]),  # zero point 127.5: a tie, to even; −128 + 128 and 128 + 128
        ([-126.5, 128.5], 1.0, 126, [0, 254]),
    ],
)
def test_by_hand(values: list[float], scale: float, zero: int, y: list[int]) -> None:
    found, found_scale, found_zero = dynamic(tensor(values, "float32"))
    assert (found.data.tolist(), found_scale.data, found_zero.data) == (y, np.float32(scale), zero)


def test_as_many_outputs_as_are_wanted() -> None:
    x = tensor([1.0, 2.0], "float32")
    assert [len(dynamic(x, outputs)) for outputs in (1, 2, 3)] == [1, 2, 3]


def test_the_largest_range_and_the_smallest_scale() -> None:
    largest = float(np.finfo(np.float32).max)
    y, scale, zero = dynamic(tensor([largest, 0.0], "float32"))
    assert (y.data.tolist(), zero.data) == ([255, 0], 0) and scale.data == np.float32(largest) / np.float32(255)
    smallest = 255 * 2.0**-126
    y, scale, _ = dynamic(tensor([smallest], "float32"))
    assert (y.data.tolist(), float(scale.data)) == ([255], 2.0**-126)


@pytest.mark.parametrize(
    "values",
    [
        [], [0.0, 0.0], [-0.0], [1.0, math.nan], [math.inf], [-math.inf, 1.0], [3e38, -3e38],
        [254 * 2.0**-126], [1e-44],
    ],
)  # fmt: skip
def test_what_no_text_fixes(values: list[float]) -> None:
    with pytest.raises(NotFixed, match="no text fixes"):
        dynamic(tensor(np.array(values), "float32"))


def test_only_float32() -> None:
    with pytest.raises(InvalidInput, match="x is float16"):
        dynamic(tensor([1.0], "float16"))
