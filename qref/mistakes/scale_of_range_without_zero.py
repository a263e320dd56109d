"""Scale and zero point of a range as it is, which need not hold zero."""

from dataclasses import replace

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("ScaleOfRange",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    scale, zero_point = rerun(replace(request, outputs=2))
    lowest, highest = (float(x.data) for x in request.inputs if x is not None)
    if request.attributes.get("symmetric", 0) or lowest <= 0 <= highest or highest == lowest:
        return [scale, zero_point]
    return [replace(scale, data=np.asarray((highest - lowest) / 255, np.float32)), zero_point]


MISTAKE = Mistake(
    name="scale-of-range-without-zero",
    operators=OPERATORS,
    flags=("range-without-zero",),
    effect="The range 2 to 6 gets the scale 4/255 and the zero point −127, cut to 0: codes stand for other numbers.",
    fix="Widen the range to hold zero before anything is computed.",
    symptom="only with a zero point",
    run=run,
)
