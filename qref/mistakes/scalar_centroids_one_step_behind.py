"""Lloyd's algorithm that gives the centroids to which weights were assigned, not the means of the new clusters."""

from qref.errors import Unsupported
from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.scalar_codebooks import LLOYD
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, LLOYD)
    iterations = request.attributes.get("iterations", 0)
    if iterations < 2:
        raise Unsupported("no step is left out where the codes do not change any more")
    return [rerun(request)[0], rerun(request, attributes={"iterations": iterations - 1})[1]]


MISTAKE = Mistake(
    name="scalar-centroids-one-step-behind",
    operators=LLOYD,
    flags=("iterations",),
    effect="Stopped after 2 steps, the codes are those of the second, and the codebook that of the first.",
    fix="End a step with the means: the codebook belongs to the codes.",
    symptom="nearly everywhere",
    run=run,
)
