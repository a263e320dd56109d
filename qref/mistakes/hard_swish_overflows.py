"""HardSwish as x · min(max(x + 3, 0), 6) / 6, whose product overflows."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.elementwise import replaced
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import left_of, raw
from qref.numerics.floats import float_format, round_to
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("HardSwish",))
    x = left_of(request)
    format = float_format("float16" if x.dtype == "float16" else "float32")
    with np.errstate(invalid="ignore", over="ignore"):
        overflows = np.isposinf(round_to(6 * raw(x), format))
    return replaced(request, overflows, np.inf)


MISTAKE = Mistake(
    name="hard-swish-overflows",
    operators=("HardSwish",),
    flags=("large-argument",),
    effect=(
        "In float16 20000 becomes infinity: 6 · 20000 is more than 65504. Right below 10923, in float32 below 5.7e37."
    ),
    fix="Divide min(max(x + 3, 0), 6) by 6 first, or return x from 3 on.",
    symptom="only at the ends of the range",
    run=run,
)
