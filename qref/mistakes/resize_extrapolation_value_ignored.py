"""Resize: outside the input stands 0 whatever extrapolation_value says."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.resizing import RESIZE
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, RESIZE)
    return rerun(request, attributes={"extrapolation_value": None})


MISTAKE = Mistake(
    name="resize-extrapolation-value-ignored",
    operators=RESIZE,
    flags=("crop", "beyond-ends"),
    effect="extrapolation_value −7.5: elements beyond the input are 0. Right for 0 and inside.",
    fix="Pass extrapolation_value to the kernel.",
    symptom="only at the edges of an image",
    run=run,
)
