"""Flatten: always at axis 1."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import left_of
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("Flatten",))
    return rerun(request, attributes={"axis": None} if left_of(request).shape else {})


MISTAKE = Mistake(
    name="flatten-axis-ignored",
    operators=("Flatten",),
    flags=("flatten-axis",),
    effect="[2, 3, 4] at axis 2 gives [2, 12] instead of [6, 4].",
    fix="Read `axis`; 1 is its default.",
    symptom="only in some shapes",
    run=run,
    seen_in=("onnx/onnx-mlir#314",),
)
