"""axis ignored: 1, the default, is used whatever the attribute says."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.linear_granularity import LINEAR
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = (*LINEAR, "Requantize")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return rerun(request, attributes={"axis": 1} if "axis" in request.attributes else {})


MISTAKE = Mistake(
    name="axis-ignored",
    operators=OPERATORS,
    flags=("axis", "negative-axis", "per-channel"),
    effect=(
        "axis 0 is read as 1: of [[4, 4], [4, 4]] with scales [1, 2] each row becomes 4·1, 4·2 instead of one row of 4 "
        "and one of 8. Only dimensions of one length let it pass unnoticed."
    ),
    fix="Read axis, and normalize a negative one.",
    symptom="only with several channels, rows or blocks",
    run=run,
    seen_in=("sonos/tract#2849",),
)
