"""Reshape: 0 copies a dimension, even with allowzero."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("Reshape",))
    return rerun(request, attributes={"allowzero": None})


MISTAKE = Mistake(
    name="reshape-allowzero-ignored",
    operators=("Reshape",),
    flags=("allowzero",),
    effect="[0, 8, 2] as [0, 0, 4] with allowzero gives [0, 8, 4] instead of [0, 0, 4].",
    fix="With allowzero take 0 as it stands.",
    symptom="only in some shapes",
    run=run,
    seen_in=("microsoft/onnxruntime#28449", "apache/tvm#20151"),
    real=True,
)
