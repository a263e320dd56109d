"""A range from the least to the largest number, which need not hold zero."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("CalibrateMinMax",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    x = np.concatenate([batch.data.reshape(-1) for batch in request.inputs if batch is not None])
    if not x.size:
        return rerun(request)
    return [Tensor("float32", np.array(end)) for end in (x.min(), x.max())][: request.outputs]


MISTAKE = Mistake(
    name="min-max-without-zero",
    operators=OPERATORS,
    flags=("range-without-zero",),
    effect="Activations from 2 to 6 get the range 2 to 6: no zero point between 0 and 255 represents 0.",
    fix="Widen the range to hold zero.",
    symptom="only with a zero point",
    run=run,
)
