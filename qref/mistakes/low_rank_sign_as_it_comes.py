"""Signs of singular vectors left as the decomposition gives them: here, a positive first element of the right one."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("LowRankSvd", "LowRankChannel", "LowRankSpatial")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    first, last = (output.data.copy() for output in rerun(request))
    right = last if request.op == "LowRankSpatial" else first
    for r in range(len(first)):
        lead = (right[:, r] if right is last else right[r]).reshape(-1)[0]
        if lead < 0:
            first[r], last[:, r] = -first[r], -last[:, r]
    return [Tensor("float32", first), Tensor("float32", last)]


MISTAKE = Mistake(
    name="low-rank-sign-as-it-comes",
    operators=OPERATORS,
    flags=("sign-of-vectors",),
    effect="About 1 of 2 pairs of vectors has the other sign.",
    fix="Make the first element of largest magnitude of each left vector positive.",
    symptom="nearly everywhere",
    run=run,
)
