"""HardSigmoid as relu(t) − relu(t − 1), t = alpha · x + beta: the difference of two large numbers."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.elementwise import replaced
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import left_of, raw
from qref.numerics.floats import float_format, round_to
from qref.numerics.tensor import Tensor
from qref.ops.onnx.hard_sigmoid import ALPHA, BETA
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("HardSigmoid",))
    x = left_of(request)
    format = float_format("float16" if x.dtype == "float16" else "float32")
    alpha, beta = request.attributes.get("alpha", ALPHA), request.attributes.get("beta", BETA)
    with np.errstate(invalid="ignore", over="ignore"):
        t = round_to(round_to(alpha * raw(x), format) + beta, format)
        y = np.maximum(t, 0) - np.maximum(round_to(t - 1, format), 0)
    return replaced(request, t > 1, y)


MISTAKE = Mistake(
    name="hard-sigmoid-from-two-relus",
    operators=("HardSigmoid",),
    flags=("kink", "special-values"),
    effect=(
        "In float16 with alpha 1 and beta 0, 8192 gives 0 instead of 1, and infinity gives NaN: t − 1 is "
        "rounded. Right while t is below 2048, in float32 below 1.6e7."
    ),
    fix="min(max(t, 0), 1).",
    symptom="only at the ends of the range",
    run=run,
    seen_in=("tinygrad/tinygrad#18063",),
    real=True,
)
