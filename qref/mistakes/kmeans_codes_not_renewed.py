"""Codes are those before the last means were taken."""

from qref.mistakes.altered_request import check
from qref.mistakes.clusterings import CODEBOOKS, Engine
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, CODEBOOKS)
    return Engine(renewed=False).run(request)


MISTAKE = Mistake(
    name="kmeans-codes-not-renewed",
    operators=CODEBOOKS,
    flags=("codes-change",),
    effect="Where steps end by their number, 1 code or more is not that of the nearest codeword.",
    fix="Assign the vectors once more to the codebook that is stored.",
    symptom="only in some shapes",
    run=run,
)
