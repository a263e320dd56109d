"""HardSwish without its division by 6: x · min(max(x + 3, 0), 6)."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import left_of, raw
from qref.numerics.floats import encode
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("HardSwish",))
    x = raw(left_of(request))
    with np.errstate(invalid="ignore"):
        return [encode(x * np.clip(x + 3, 0, 6), left_of(request).dtype)]


MISTAKE = Mistake(
    name="hard-swish-without-division",
    operators=("HardSwish",),
    flags=("slope",),
    effect="1 becomes 4 instead of 0.6666667. Right up to −3 and at 0.",
    fix="Divide by 6, or multiply by 1/6 inside.",
    symptom="nearly everywhere",
    run=run,
)
