"""A histogram that is made when the first number other than zero comes, and forgets the zeros before."""

from dataclasses import replace

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("CalibratePercentile", "CalibrateSquaredError", "CalibrateDivergence")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    batches = [batch for batch in request.inputs if batch is not None]
    filled = [i for i, batch in enumerate(batches) if batch.data.any()]
    if not filled:
        return rerun(request)
    nothing = [replace(batch, data=np.zeros(0, np.float32)) for batch in batches[: filled[0]]]
    return rerun(replace(request, inputs=(*nothing, *batches[filled[0] :])))


MISTAKE = Mistake(
    name="histogram-starts-at-the-first-number",
    operators=OPERATORS,
    flags=("many-zeros",),
    effect="Counts of bin 0 lack the batches of zeros at the start.",
    fix="Count zeros in bin 0 before there is a width.",
    symptom="only at zero",
    run=run,
)
