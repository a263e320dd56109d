"""CP's factors normalized, their sizes thrown away."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("CpDecomposition",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    *rest, O = rerun(request)
    columns = O.data.astype(np.float64)
    length = np.sqrt((columns**2).sum(axis=0, keepdims=True))
    unit = np.divide(columns, length, out=np.zeros_like(columns), where=length > 0)
    return [*rest, Tensor("float32", unit.astype(np.float32))]


MISTAKE = Mistake(
    name="cp-sizes-dropped",
    operators=OPERATORS,
    flags=("size-in-one-factor",),
    effect="All factors have columns of length 1: a term of size 4 becomes one of size 1.",
    fix="The lengths that normalization takes out go into O.",
    symptom="nearly everywhere",
    run=run,
)
