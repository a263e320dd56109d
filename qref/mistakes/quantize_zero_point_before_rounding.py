"""QuantizeLinear that adds the zero point to the quotient, in the division's type, and rounds the sum."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.quantizing import quantization
from qref.numerics.floats import round_to
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = quantization(request)
    sum = round_to(found.quotient() + round_to(found.zero_point, found.division), found.division)
    return found.saturated(np.rint(sum))


MISTAKE = Mistake(
    name="quantize-zero-point-before-rounding",
    operators=("QuantizeLinear",),
    flags=("tie", "zero-point", "near-tie", "float16"),
    effect=(
        "0.5 with zero point 1 becomes rint(1.5) = 2 (right: 0 + 1); in float16 the sum with 128 keeps only three "
        "bits after the point."
    ),
    fix="Round the quotient, then add the zero point as an integer, then saturate.",
    symptom="only at ties",
    run=run,
    seen_in=(
        "webmachinelearning/webnn-baseline#101",
        "emmtrix/emx-onnx-cgen#371",
        "Xilinx/onnx-mlir#138",
        "pytorch/FBGEMM#362",
    ),
    real=True,
)
