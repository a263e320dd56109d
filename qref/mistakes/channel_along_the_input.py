"""Channel decomposition along the input: 1×1 first, then k×k."""

import numpy as np

from qref import ops
from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("LowRankChannel",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    W, rank = request.inputs[0], request.attributes.get("rank", 1)
    assert W is not None
    M, C = W.shape[:2]
    taps, point = int(np.prod(W.shape[2:])), (1,) * (W.data.ndim - 2)
    A = np.moveaxis(W.data.reshape(M, C, taps), 1, 2).reshape(M * taps, C)
    attributes = {"rank": rank, "sigma": request.attributes.get("sigma", "even")}
    if rank > min(A.shape):
        return rerun(request)
    B, U = ops.run(Request("LowRankSvd", "qref", 1, attributes, (Tensor("float32", np.ascontiguousarray(A)),), 2))
    last = np.moveaxis(U.data.reshape(M, taps, rank), 1, 2).reshape(M, rank, *W.shape[2:])
    return [Tensor("float32", B.data.reshape(rank, C, *point)), Tensor("float32", np.ascontiguousarray(last))]


MISTAKE = Mistake(
    name="channel-along-the-input",
    operators=OPERATORS,
    flags=("filters-then-points",),
    effect="The 1×1 layer comes first, the k×k layer after it; for kernels of 1×1 nothing shows but Σ's place.",
    fix="r filters of all taps first; the 1×1 layer mixes their outputs.",
    symptom="nearly everywhere",
    run=run,
)
