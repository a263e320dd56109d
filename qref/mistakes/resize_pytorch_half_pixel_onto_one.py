"""Resize: pytorch_half_pixel onto one element taken for half_pixel."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.resizing import RESIZE, with_modes
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return with_modes(request, {"pytorch_half_pixel": "half_pixel"})


MISTAKE = Mistake(
    name="resize-pytorch-half-pixel-onto-one",
    operators=RESIZE,
    flags=("coordinates", "downscale"),
    effect="[1, 2, 3, 4] to length 1 gives 2.5, the middle, instead of 1. Right for every other length.",
    fix="With length_resized 1 x_original is 0.",
    symptom="only in some shapes",
    run=run,
)
