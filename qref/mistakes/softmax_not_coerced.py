"""Softmax before opset 13 along one axis, as from opset 13 on."""

from dataclasses import replace

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("Softmax",))
    if request.opset >= 13:
        return rerun(request)
    return rerun(replace(request, opset=13), attributes={"axis": request.attributes.get("axis", 1)})


MISTAKE = Mistake(
    name="softmax-not-coerced",
    operators=("Softmax",),
    flags=("coerced",),
    effect=(
        "[2, 3, 4] along axis 1 in opset 11: sums over 3 elements instead of 12. Right where `axis` is the last one."
    ),
    fix="Before opset 13, make a matrix of the dimensions before and from `axis` on.",
    symptom="only in some shapes",
    run=run,
    seen_in=("apache/tvm#19420", "apache/tvm#20183", "microsoft/onnxruntime#26391"),
    real=True,
)
