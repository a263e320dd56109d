"""Max pooling starts at zero: the running maximum is initialized to 0."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.mistakes.pools import at_least
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

MAX = ("MaxPool",)


def run(request: Request) -> list[Tensor]:
    check(request, MAX)
    return at_least(request, np.array(True), 0.0)


MISTAKE = Mistake(
    name="max-pool-starts-at-zero",
    operators=MAX,
    flags=("negative-maximum",),
    effect="The maximum of -3 and -1 is 0. Right for windows with an element that is not negative.",
    fix="Start from the window's first element or from minus infinity.",
    symptom="only negative values",
    run=run,
    seen_in=("tensorflow/tfjs#4854",),
    real=True,
)
