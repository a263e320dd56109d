"""Softmax before opset 13 without axis takes −1, the default of opset 13."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import left_of
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("Softmax",))
    axis = request.attributes.get("axis", len(left_of(request).shape) - 1)
    return rerun(request, attributes={"axis": axis} if request.opset < 13 else {})


MISTAKE = Mistake(
    name="softmax-default-axis-of-13",
    operators=("Softmax",),
    flags=("default-attribute",),
    effect=(
        "[1, 1000, 4, 5] in opset 11 without axis: sums over 5 elements instead of 20000. Right where axis is given, "
        "and for matrices."
    ),
    fix="Before opset 13 the default is 1.",
    symptom="only in some shapes",
    run=run,
    seen_in=("onnx/onnx-mlir#832",),
    real=True,
)
