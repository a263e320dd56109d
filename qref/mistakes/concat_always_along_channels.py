"""Concat: always along axis 1, the channels."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import left_of
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("Concat",))
    return rerun(request, attributes={"axis": 1} if len(left_of(request).shape) > 1 else {})


MISTAKE = Mistake(
    name="concat-always-along-channels",
    operators=("Concat",),
    flags=("concat-axis",),
    effect="Two 2×2 matrices along axis 0 become 2×4 instead of 4×2. Right for axis 1.",
    fix="Read `axis`: ONNX gives it no default.",
    symptom="only in some shapes",
    run=run,
)
