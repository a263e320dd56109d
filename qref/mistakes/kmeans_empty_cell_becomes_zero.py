"""The centroid of an empty cell is a sum of nothing, 0."""

from qref.mistakes.altered_request import check
from qref.mistakes.clusterings import Engine, unfilled
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("KMeansStep", "VectorCodebook", "ProductCodebook")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return Engine(fill=unfilled, empty=lambda old: 0 * old).run(request)


MISTAKE = Mistake(
    name="kmeans-empty-cell-becomes-zero",
    operators=OPERATORS,
    flags=("empty-cell",),
    effect="One codeword of 2^n is lost to zeros, and vectors near 0 may fall to it.",
    fix="Give an empty cell the vector farthest from its centroid.",
    symptom="only in some shapes",
    run=run,
)
