"""Reshape: 0 means no elements, as in NumPy, even without allowzero."""

from dataclasses import replace

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("Reshape",))
    return rerun(replace(request, opset=max(request.opset, 14)), attributes={"allowzero": 1})


MISTAKE = Mistake(
    name="reshape-zero-as-size",
    operators=("Reshape",),
    flags=("copied-dimension",),
    effect="[2, 0] as [0, 0, 7] gives [0, 0, 7] instead of [2, 0, 7]. With elements the engine stops.",
    fix="Copy the input's dimension where the shape says 0.",
    symptom="only in some shapes",
    run=run,
    seen_in=("onnx/onnx-tensorflow#185", "apache/tvm#20151"),
    real=True,
)
