"""Resize: half_pixel whatever coordinate_transformation_mode says."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.resizing import RESIZE, with_modes
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return with_modes(request, dict.fromkeys(("asymmetric", "align_corners", "tf_half_pixel_for_nn"), "half_pixel"))


MISTAKE = Mistake(
    name="resize-coordinate-mode-ignored",
    operators=RESIZE,
    flags=("coordinates",),
    effect="[1, 3] linearly to 4 with asymmetric gives [1, 1.5, 2.5, 3] instead of [1, 2, 3, 3].",
    fix="Read the attribute; half_pixel is only its default.",
    symptom="nearly everywhere",
    run=run,
    seen_in=("Xilinx/onnx-mlir#319",),
)
