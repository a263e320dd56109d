"""Resize: round_prefer_floor rounds halves up."""

from fractions import Fraction
from math import floor

from qref.mistakes.altered_request import rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.resizing import RESIZE, by_pixel, planned
from qref.numerics.tensor import Tensor
from qref.ops.onnx.resize import nearest_pixel
from qref.ops.request import Request


def half_up(c: Fraction, nearest_mode: str) -> int:
    return floor(c + Fraction(1, 2)) if nearest_mode == "round_prefer_floor" else nearest_pixel(c, nearest_mode)


def run(request: Request) -> list[Tensor]:
    found = planned(request)
    return by_pixel(found, half_up) if found.mode == "nearest" else rerun(request)


MISTAKE = Mistake(
    name="resize-nearest-half-up",
    operators=RESIZE,
    flags=("nearest-mode",),
    effect="[1, 2, 3, 4] to 2 with half_pixel: 0.5 and 2.5 give [2, 4] instead of [1, 3]. Right but at halves.",
    fix="round_prefer_floor is ⌈x − 0.5⌉.",
    symptom="only at ties",
    run=run,
)
