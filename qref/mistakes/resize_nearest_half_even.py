"""Resize: both rounding modes round halves to even, as rint does."""

from fractions import Fraction

from qref.mistakes.altered_request import rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.resizing import RESIZE, by_pixel, planned
from qref.numerics.tensor import Tensor
from qref.ops.onnx.resize import nearest_pixel
from qref.ops.request import Request


def half_even(c: Fraction, nearest_mode: str) -> int:
    return round(c) if nearest_mode.startswith("round") else nearest_pixel(c, nearest_mode)


def run(request: Request) -> list[Tensor]:
    found = planned(request)
    return by_pixel(found, half_even) if found.mode == "nearest" else rerun(request)


MISTAKE = Mistake(
    name="resize-nearest-half-even",
    operators=RESIZE,
    flags=("nearest-mode",),
    effect=(
        "[1, 2, 3, 4] to 2 with half_pixel, round_prefer_ceil: 0.5 gives element 0 instead of 1. Right but at halves."
    ),
    fix="⌈x − 0.5⌉ and ⌊x + 0.5⌋.",
    symptom="only at ties",
    run=run,
)
