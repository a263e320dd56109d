"""Resize: beyond the first and last element linear interpolation reads zeros."""

from fractions import Fraction
from math import floor

from qref.mistakes.altered_request import rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.resizing import RESIZE, by_weights, planned
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def with_zeros(c: Fraction, length: int) -> dict[int, Fraction]:
    i = floor(c)
    return {k: w for k, w in ((i, 1 - (c - i)), (i + 1, c - i)) if 0 <= k < length and w}


def run(request: Request) -> list[Tensor]:
    found = planned(request)
    return by_weights(found, with_zeros) if found.mode == "linear" else rerun(request)


MISTAKE = Mistake(
    name="resize-linear-zero-beyond-ends",
    operators=RESIZE,
    flags=("beyond-ends", "linear"),
    effect=(
        "[4, 8] to 4 with half_pixel: −0.25 gives 3 instead of 4, 1.25 gives 6 instead of 8: a dark border. Right "
        "within the ends."
    ),
    fix="Hold the coordinate, or both neighbours, within the axis.",
    symptom="only at the edges of an image",
    run=run,
    seen_in=("brendan-duncan/image#320",),
    real=True,
)
