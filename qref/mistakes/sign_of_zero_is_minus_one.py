"""Zeros are −1: a sign taken by w > 0."""

import numpy as np

from qref.errors import Unsupported
from qref.mistakes.altered_request import check, rerun
from qref.mistakes.binary_schemes import values
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("BinaryWeight", "BinaryConnect", "XnorActivation")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    if request.attributes.get("mode") == "stochastic":
        raise Unsupported("random signs are not taken by a comparison with 0")
    _, *others = rerun(request)
    return [Tensor("int8", np.where(values(request, 0) > 0, 1, -1).astype(np.int8)), *others]


MISTAKE = Mistake(
    name="sign-of-zero-is-minus-one",
    operators=OPERATORS,
    flags=("sign-of-zero",),
    effect=(
        "w > 0 gives −1 to zeros of either sign: pruned weights and activations behind a ReLU, all +1 by the "
        "equation, turn to −1."
    ),
    fix="Compare w ≥ 0.",
    symptom="only at zero",
    run=run,
)
