"""Resize: half_pixel_symmetric taken for half_pixel."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.resizing import RESIZE, with_modes
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return with_modes(request, {"half_pixel_symmetric": "half_pixel"})


MISTAKE = Mistake(
    name="resize-symmetric-as-half-pixel",
    operators=RESIZE,
    flags=("coordinates", "fractional-scale"),
    effect="Four elements times 0.625 give elements 0 and 2, not 1 and 2. Right where length · scale is an integer.",
    fix="Shift by length / 2 · (1 − length_resized / (scale · length)).",
    symptom="only in some shapes",
    run=run,
)
