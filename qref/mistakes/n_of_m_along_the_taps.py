"""Blocks along the flat kernel, taps before input channels."""

from qref.compression.structured_pruning import keep_n_of_m
from qref.errors import Unsupported
from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.mistakes.prunings import masked
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("PruneStructured",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    W = request.inputs[0]
    assert W is not None
    n, m = request.attributes.get("n", 2), request.attributes.get("m", 4)
    if W.data.ndim < 3:
        raise Unsupported("no taps")
    flat = W.data.reshape(W.shape[0], -1)
    return masked(W.data, keep_n_of_m(flat, n, m).reshape(W.shape))


MISTAKE = Mistake(
    name="n-of-m-along-the-taps",
    operators=OPERATORS,
    flags=("n-of-m",),
    effect="A 3×3 kernel has blocks of 4 taps of one channel, where 4 channels of one tap are right.",
    fix="Take axis 1 for each output channel and tap, not the rest of the tensor as one.",
    symptom="only in some shapes",
    run=run,
)
