"""Resize: keep_aspect_ratio_policy ignored."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.resizing import RESIZE
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, RESIZE)
    return rerun(request, attributes={"keep_aspect_ratio_policy": None})


MISTAKE = Mistake(
    name="resize-aspect-ratio-ignored",
    operators=RESIZE,
    flags=("aspect-ratio",),
    effect=(
        "[2, 4] to sizes [6, 8] with not_larger gives [6, 8] instead of [4, 8]. Right for stretch and for sizes of "
        "one ratio."
    ),
    fix="Take one scale for all axes, the smallest or the largest.",
    symptom="only in some shapes",
    run=run,
)
