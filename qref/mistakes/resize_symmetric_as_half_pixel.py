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
    effect=(
        "[100, 200] times 1.3 gives [125, 175] or [100, 165.4] instead of [111.5, 188.5]. Right where length · scale "
        "is an integer."
    ),
    fix="Shift by length / 2 · (1 − length_resized / (scale · length)).",
    symptom="only in some shapes",
    run=run,
)
