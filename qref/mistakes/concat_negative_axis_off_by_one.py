"""Concat: a negative axis gets rank − 1 added, not rank."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import left_of
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("Concat",))
    axis = request.attributes["axis"]
    return rerun(request, attributes={"axis": axis + len(left_of(request).shape) - 1} if axis < 0 else {})


MISTAKE = Mistake(
    name="concat-negative-axis-off-by-one",
    operators=("Concat",),
    flags=("negative-axis", "concat-axis"),
    effect=(
        "Two 2×2 matrices along axis −1 become 4×2 instead of 2×4. Where the other dimensions differ the engine stops."
    ),
    fix="Add the rank to a negative axis, nothing else.",
    symptom="only in some shapes",
    run=run,
    seen_in=("Tencent/ncnn#3194",),
    real=True,
)
