"""Flatten: a negative axis gets rank + 1 added."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import left_of
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("Flatten",))
    axis = request.attributes.get("axis", 1)
    return rerun(request, attributes={"axis": axis + len(left_of(request).shape) + 1} if axis < 0 else {})


MISTAKE = Mistake(
    name="flatten-negative-axis-plus-one",
    operators=("Flatten",),
    flags=("negative-axis", "flatten-axis"),
    effect="[2, 3, 4] at axis −1 gives [24, 1] instead of [6, 4].",
    fix="Add the rank: −1 is the last dimension, though the axis may be the rank as well.",
    symptom="only in some shapes",
    run=run,
    seen_in=("onnx/onnx-mlir#314",),
    real=True,
)
