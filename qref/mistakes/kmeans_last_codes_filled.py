"""Empty cells take vectors in the codes of the result, too."""

from qref.mistakes.altered_request import check
from qref.mistakes.clusterings import CODEBOOKS, Engine, farthest
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, CODEBOOKS)
    return Engine(fill_at_the_end=farthest).run(request)


MISTAKE = Mistake(
    name="kmeans-last-codes-filled",
    operators=CODEBOOKS,
    flags=("empty-at-the-end",),
    effect="Where a cell is empty at the end 1 vector gets its code, though its centroid is not the nearest.",
    fix="Fill empty cells before means are taken, not in the codes that are stored.",
    symptom="only in some shapes",
    run=run,
)
