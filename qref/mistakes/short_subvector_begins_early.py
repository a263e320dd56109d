"""The last sub-vector, which would be short, begins early enough to be whole."""

from qref.mistakes.altered_request import check
from qref.mistakes.clusterings import Engine
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("ProductCodebook",)


def whole(columns: slice, d: int) -> slice:
    """As many columns as all others have."""
    return slice(max(columns.stop - d, 0), columns.stop)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return Engine(columns=whole).run(request)


MISTAKE = Mistake(
    name="short-subvector-begins-early",
    operators=OPERATORS,
    flags=("short-subvector",),
    effect="Up to d − 1 numbers decide about 2 codes: the last codes are not the nearest by their own numbers.",
    fix="Cluster the columns that are left, as few as they are.",
    symptom="only in some shapes",
    run=run,
)
