"""Work that must lie below the budget."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("RankOfSpeed",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    speed = request.attributes.get("speed", 2.0)
    return rerun(request, attributes={"speed": float(np.nextafter(np.float32(speed), np.float32(np.inf)))})


MISTAKE = Mistake(
    name="rank-by-less-than-the-budget",
    operators=OPERATORS,
    flags=("work-met-exactly",),
    effect="As much work as allowed counts as too much: for [8, 8] twice as fast 1 instead of 2.",
    fix="≤, not <.",
    symptom="only at ties",
    run=run,
)
