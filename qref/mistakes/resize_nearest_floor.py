"""Resize: the nearest element rounded down whatever nearest_mode says."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.resizing import RESIZE
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, RESIZE)
    return rerun(request, attributes={"nearest_mode": "floor"})


MISTAKE = Mistake(
    name="resize-nearest-floor",
    operators=RESIZE,
    flags=("nearest-mode",),
    effect="[1, 2] to 4 with half_pixel gives [1, 1, 1, 2] instead of [1, 1, 2, 2].",
    fix="The default is round_prefer_floor: round, halves down.",
    symptom="nearly everywhere",
    run=run,
    seen_in=("onnx/tensorflow-onnx#2168",),
)
