"""Softmax that does not take the largest element away first."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.exponentials import in_float32
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import left_of, raw
from qref.numerics.floats import encode
from qref.numerics.tensor import Tensor
from qref.ops.onnx.softmax import restored, rows
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("Softmax",))
    x, axis = left_of(request), request.attributes.get("axis")
    powers = in_float32(rows(raw(x), axis, request.opset))
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        y = powers / powers.astype(np.float64).sum(-1, keepdims=True).astype(np.float32)
    return [encode(restored(y.astype(np.float64), x.shape, axis, request.opset), x.dtype)]


MISTAKE = Mistake(
    name="softmax-without-maximum",
    operators=("Softmax",),
    flags=("max-subtraction", "large-argument"),
    effect=(
        "[1000, 1000] gives NaN, ∞ / ∞, instead of 0.5 each; [−1000, −1000] gives 0 / 0. Right from about −80 to 80."
    ),
    fix="Subtract the maximum of each row before exp.",
    symptom="only at the ends of the range",
    run=run,
    seen_in=("uTensor/uTensor#175",),
    real=True,
)
