"""Resize: align_corners taken for asymmetric."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.resizing import RESIZE, with_modes
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return with_modes(request, {"align_corners": "asymmetric"})


MISTAKE = Mistake(
    name="resize-align-corners-ignored",
    operators=RESIZE,
    flags=("coordinates",),
    effect="[0, 3] linearly to 4 gives [0, 1.5, 3, 3] instead of [0, 1, 2, 3].",
    fix="x_original = x · (length − 1) / (length_resized − 1).",
    symptom="nearly everywhere",
    run=run,
    seen_in=("microsoft/onnxruntime#17564",),
)
