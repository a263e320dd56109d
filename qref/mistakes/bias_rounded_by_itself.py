"""The product sum and the bias requantized each by itself, and the two rounded results added."""

from dataclasses import replace

import numpy as np

from qref.mistakes.bias import bias_of, without_bias
from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import numbers
from qref.numerics.formats import integer
from qref.numerics.profiles import ONNX
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    bias = bias_of(request)
    found = replace(numbers(without_bias(request)), zero_point=0, dtype="int32")
    products = found.apply(ONNX).data.astype(np.int64)
    offsets = replace(found, accumulator=np.broadcast_to(bias, products.shape)).apply(ONNX).data.astype(np.int64)
    right = numbers(request)
    format = integer(right.dtype)
    y = np.clip(products + offsets + right.zero_point, format.lowest, format.highest)
    return [Tensor(right.dtype, y.astype(format.storage))]


MISTAKE = Mistake(
    name="bias-rounded-by-itself",
    operators=("QLinearConv",),
    flags=("bias",),
    effect=(
        "Products worth 0.4 and a bias worth 0.4 become 0 + 0 (right: rint(0.8) = 1): a third of all outputs "
        "moves by one."
    ),
    fix="Add the bias to the accumulator and round the sum once.",
    symptom="nearly everywhere",
    run=run,
)
