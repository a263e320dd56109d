"""A gradient of shared weights that adds up without their signs."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.hashes import answered, indices
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("HashedBackward", "HashedStep")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    (buckets, signs), count = indices(request)
    unsigned = answered(request, (buckets, np.ones_like(signs)), count)
    if request.op == "HashedBackward":
        return [answered(request, (buckets, signs), count)[0], unsigned[1]]
    return unsigned


MISTAKE = Mistake(
    name="hash-gradient-without-sign",
    operators=OPERATORS,
    flags=("shared-gradient", "hash-sign"),
    effect="About half of the terms have the wrong sign: gradients 1 and −1 under signs + and − give 0, not 2.",
    fix="Multiply ∂L/∂V_ij by ξ(i, j) before it is added.",
    symptom="nearly everywhere",
    run=run,
)
