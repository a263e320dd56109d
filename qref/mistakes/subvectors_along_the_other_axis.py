"""Rows are cut where columns are asked for, and columns where rows are."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.clusterings import CODEBOOKS
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OTHER = {"rows": "columns", "columns": "rows", "channels": "rows"}


def run(request: Request) -> list[Tensor]:
    check(request, CODEBOOKS)
    return rerun(request, attributes={"layout": OTHER[request.attributes.get("layout", "rows")]})


MISTAKE = Mistake(
    name="subvectors-along-the-other-axis",
    operators=CODEBOOKS,
    flags=("layout-columns", "layout-rows"),
    effect="A matrix [12, 5] gives 5 codes where 12 are wanted; a square one gives codes of its transpose.",
    fix="Rows are output channels, columns what one input is multiplied by in all of them.",
    symptom="nearly everywhere",
    run=run,
)
