"""Leaky ReLU as the maximum of x and slope · x."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.elementwise import is_whole, replaced
from qref.mistakes.float_products import two
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import left_of, raw
from qref.numerics.floats import float_format, round_to
from qref.numerics.tensor import Tensor
from qref.ops.onnx.leaky_relu import ALPHA
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("LeakyRelu", "PRelu"))
    if is_whole(request):
        return rerun(request)
    x = raw(left_of(request))
    slope = raw(two(request)[1]) if request.op == "PRelu" else np.asarray(request.attributes.get("alpha", ALPHA))
    with np.errstate(invalid="ignore"):
        product = round_to(slope * x, float_format(left_of(request).dtype))
    wrong = np.broadcast_to(slope > 1, x.shape)
    return replaced(request, wrong & ~np.isnan(x), np.maximum(x, product))


MISTAKE = Mistake(
    name="leaky-relu-as-maximum",
    operators=("LeakyRelu", "PRelu"),
    flags=("slope",),
    effect="Slope 2.5: −1 stays −1 instead of −2.5, and 1 becomes 2.5. Right for slopes up to 1.",
    fix="Choose by the sign of x.",
    symptom="nearly everywhere",
    run=run,
    seen_in=("tensorflow/tensorflow#24566",),
    real=True,
)
