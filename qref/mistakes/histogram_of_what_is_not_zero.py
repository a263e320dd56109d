"""A histogram without the zeros."""

from dataclasses import replace

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("CalibratePercentile", "CalibrateSquaredError", "CalibrateDivergence")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    batches = [batch for batch in request.inputs if batch is not None]
    if not any(batch.data.any() for batch in batches):
        return rerun(request)
    return rerun(replace(request, inputs=tuple(replace(b, data=b.data[b.data != 0]) for b in batches)))


MISTAKE = Mistake(
    name="histogram-of-what-is-not-zero",
    operators=OPERATORS,
    flags=("many-zeros",),
    effect=(
        "Zeros, half of the numbers after a ReLU, are not counted: the percentile 99 of the rest is the 99.5 "
        "of all, and less is clipped than asked for."
    ),
    fix="Zeros are magnitudes as others are: they stand in bin 0.",
    symptom="only at zero",
    run=run,
)
