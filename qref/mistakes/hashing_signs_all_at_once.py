"""All signs of a channel decided from the signs before (Jacobi), not one after the other (Gauss-Seidel)."""

from qref.mistakes.altered_request import check
from qref.mistakes.hashings import Hashing, all_at_once
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("InnerProductHashing",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return Hashing(sweep=all_at_once).run(request)


MISTAKE = Mistake(
    name="hashing-signs-all-at-once",
    operators=OPERATORS,
    flags=("coordinates-in-turn",),
    effect="Signs that correct each other change all at once, and back in the next of 100 sweeps; the error may grow.",
    fix="Let each sign see those before it as they have become.",
    symptom="nearly everywhere",
    run=run,
)
