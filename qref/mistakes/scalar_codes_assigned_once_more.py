"""Lloyd's algorithm that ends with an assignment to the newest centroids, whose means are not the codebook."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.scalar_codebooks import LLOYD, lowest
from qref.numerics.tensor import Tensor
from qref.ops.qref import granularity as grain
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, LLOYD)
    W, given = request.inputs[0], request.attributes
    assert W is not None
    codes, books = rerun(request)
    parts, again = grain.of(given.get("granularity", "tensor"), given.get("group_size", 0)), codes.data.copy()
    for w, b, book in zip(parts.parts(W.data.astype("float64")), parts.parts(again), books.data.astype("float64")):
        b[:] = lowest(w, book)
    return [Tensor("uint8", again), books]


MISTAKE = Mistake(
    name="scalar-codes-assigned-once-more",
    operators=LLOYD,
    flags=("iterations",),
    effect="After 1 step some codes are those of the next step: they and the codebook belong to different steps.",
    fix="Give codes and the means over these codes: the codebook of an assignment.",
    symptom="nearly everywhere",
    run=run,
)
