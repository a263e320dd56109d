"""An exact codebook that is Lloyd's from a linear start: a local optimum."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.scalar_codebooks import EXACT, lloyd
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return lloyd(request, operators=EXACT)


MISTAKE = Mistake(
    name="scalar-optimum-by-lloyd",
    operators=EXACT,
    flags=("local-optimum", "partition-tie"),
    effect="Where Lloyd's algorithm stops too early, the error of a part can be 2 times the least and more.",
    fix="Solve it: dynamic programming over the sorted weights finds the optimum in one dimension.",
    symptom="nearly everywhere",
    run=run,
)
