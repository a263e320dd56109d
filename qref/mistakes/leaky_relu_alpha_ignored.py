"""LeakyRelu's alpha ignored: always 0.1."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("LeakyRelu",))
    return rerun(request, attributes={"alpha": float(np.float32(0.1))})


MISTAKE = Mistake(
    name="leaky-relu-alpha-ignored",
    operators=("LeakyRelu",),
    flags=("slope",),
    effect="−1 becomes −0.1 whatever alpha is. Right for alpha 0.1, and where nothing is negative.",
    fix="Read alpha from the node; it is 0.01 by default.",
    symptom="only negative values",
    run=run,
    seen_in=("apache/tvm#1218", "NeuralNetworkVerification/Marabou#739"),
    real=True,
)
