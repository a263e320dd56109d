"""A codebook searched as if its values were in rising order: the code is the rank of the value."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("NonUniformEncode",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    x, codebook = request.inputs
    assert x is not None and codebook is not None
    C = codebook.data.astype(np.float64)
    ranks = np.searchsorted((C[1:] + C[:-1]) / 2, x.data.astype(np.float64), side="right")
    return [Tensor("uint8", ranks.astype(np.uint8))]


MISTAKE = Mistake(
    name="codebook-taken-as-sorted",
    operators=OPERATORS,
    flags=("codebook-order",),
    effect="A search by halving needs rising values: with the codebook 4, −1, 2 the codes are arbitrary.",
    fix="Sort the values for the search, and give the places they had before.",
    symptom="nearly everywhere",
    run=run,
)
