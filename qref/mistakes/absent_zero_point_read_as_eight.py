"""Absent zero point read as 8: blocked uint4 without a zero point is taken for symmetric."""

import numpy as np

from qref.errors import Unsupported
from qref.mistakes.altered_request import check, rerun
from qref.mistakes.linear_granularity import SCALE, ZERO_POINT
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("DequantizeLinear",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    x, scale = request.inputs[0], request.inputs[SCALE]
    assert x is not None
    assert scale is not None
    if x.dtype != "uint4" or not request.attributes.get("block_size", 0):
        raise Unsupported("the mistake is one with blocked uint4")
    absent = len(request.inputs) <= ZERO_POINT or request.inputs[ZERO_POINT] is None
    return rerun(request, inputs={ZERO_POINT: Tensor("uint4", np.full(scale.shape, 8, np.uint8))} if absent else {})


MISTAKE = Mistake(
    name="absent-zero-point-read-as-eight",
    operators=OPERATORS,
    flags=("default-zero-point", "blocked", "four-bit"),
    effect="Fused kernels for 4-bit weights default to the zero point 8: uint4 9 with scale 1 becomes 1 instead of 9.",
    fix="ONNX's default is 0 for every type: pass zeros to a kernel that defaults to the middle of the range.",
    symptom="only with a zero point",
    run=run,
    seen_in=("microsoft/onnxruntime#31692",),
    real=True,
)
