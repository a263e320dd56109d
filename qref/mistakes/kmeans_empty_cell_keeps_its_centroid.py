"""A cell that becomes empty keeps its centroid, and is not filled."""

from qref.mistakes.altered_request import check
from qref.mistakes.clusterings import Engine, unfilled
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("KMeansStep", "VectorCodebook", "ProductCodebook")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return Engine(fill=unfilled).run(request)


MISTAKE = Mistake(
    name="kmeans-empty-cell-keeps-its-centroid",
    operators=OPERATORS,
    flags=("empty-cell",),
    effect="One codeword of 2^n may stay unused to the end: the error is larger than it need be.",
    fix="Give an empty cell the vector farthest from its centroid.",
    symptom="only in some shapes",
    run=run,
)
