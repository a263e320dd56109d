"""Negative axis off by one: axis + rank − 1 instead of axis + rank."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.linear_granularity import LINEAR
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = (*LINEAR, "Requantize")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    axis, x = request.attributes.get("axis", 1), request.inputs[0]
    assert x is not None
    return rerun(request, attributes={"axis": axis + x.data.ndim - 1} if axis < 0 else {})


MISTAKE = Mistake(
    name="negative-axis-off-by-one",
    operators=OPERATORS,
    flags=("negative-axis",),
    effect=(
        "axis −1 of a matrix is read as 0: [[4, 4], [4, 4]] with scales [1, 2] becomes rows of 4 and 8 instead of "
        "columns of 4 and 8. Only dimensions of one length let it pass unnoticed."
    ),
    fix="Add the rank to a negative axis, nothing else.",
    symptom="only with several channels, rows or blocks",
    run=run,
    seen_in=("apple/coreai-torch#24",),
    real=True,
)
