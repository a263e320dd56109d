"""Halfway between two values of a codebook the smaller one, as a search for the first minimum has it."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("NonUniformEncode",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    x = request.inputs[0]
    assert x is not None
    below = np.nextafter(x.data, np.float32(-3.4e38))
    book = request.inputs[1]
    assert book is not None
    # a value of the codebook itself is no tie
    return rerun(request, {0: Tensor("float32", np.where(np.isin(x.data, book.data), x.data, below))})


MISTAKE = Mistake(
    name="codebook-ties-go-down",
    operators=OPERATORS,
    flags=("codebook-tie",),
    effect="Of two values equally near the first is taken: 0 becomes negative where the codebook has no 0.",
    fix="Of two values equally near take the larger.",
    symptom="only at ties",
    run=run,
)
