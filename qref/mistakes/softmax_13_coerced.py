"""Softmax-13 over all dimensions from `axis` on, as before opset 13."""

from dataclasses import replace

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("Softmax",))
    axis = request.attributes.get("axis", -1)
    return rerun(replace(request, opset=11), attributes={"axis": axis}) if request.opset >= 13 else rerun(request)


MISTAKE = Mistake(
    name="softmax-13-coerced",
    operators=("Softmax",),
    flags=("axis",),
    effect=(
        "[2, 3, 4] along axis 1 in opset 13: sums over 12 elements instead of 3. Right where `axis` is the last one."
    ),
    fix="From opset 13 on `axis` is the only dimension that is summed over.",
    symptom="only in some shapes",
    run=run,
    seen_in=("onnx/onnx-mlir#1876",),
    real=True,
)
