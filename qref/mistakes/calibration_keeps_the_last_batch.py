"""The range or histogram of the last batch, those before forgotten."""

from dataclasses import replace

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("CalibrateMinMax", "CalibratePercentile", "CalibrateSquaredError", "CalibrateDivergence")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return rerun(replace(request, inputs=request.inputs[-1:]))


MISTAKE = Mistake(
    name="calibration-keeps-the-last-batch",
    operators=OPERATORS,
    flags=("batches",),
    effect="Of 3 batches 2 are lost: what the last one does not reach is clipped.",
    fix="Merge each batch with what was seen before.",
    symptom="nearly everywhere",
    run=run,
)
