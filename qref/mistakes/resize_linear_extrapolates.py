"""Resize: beyond the ends linear interpolation goes on along the last two elements."""

from fractions import Fraction
from math import floor

from qref.mistakes.altered_request import rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.resizing import RESIZE, by_weights, planned
from qref.numerics.tensor import Tensor
from qref.ops.onnx.resize import neighbours
from qref.ops.request import Request


def extrapolated(c: Fraction, length: int) -> dict[int, Fraction]:
    if length < 2:
        return neighbours(c, length)
    i = min(max(floor(c), 0), length - 2)
    return {i: 1 - (c - i), i + 1: c - i}


def run(request: Request) -> list[Tensor]:
    found = planned(request)
    return by_weights(found, extrapolated) if found.mode == "linear" else rerun(request)


MISTAKE = Mistake(
    name="resize-linear-extrapolates",
    operators=RESIZE,
    flags=("beyond-ends", "linear"),
    effect=(
        "[4, 8] to 4 with half_pixel: −0.25 gives 3 instead of 4, 1.25 gives 9 instead of 8: the weight is negative. "
        "Right within the ends."
    ),
    fix="Hold the coordinate within [0, length − 1] before the weight is taken.",
    symptom="only at the edges of an image",
    run=run,
)
