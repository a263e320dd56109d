"""The sign bit taken for the sign: −0 is −1."""

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
        raise Unsupported("random signs are not taken from sign bits")
    _, *others = rerun(request)
    return [Tensor("int8", np.where(np.signbit(values(request, 0)), -1, 1).astype(np.int8)), *others]


MISTAKE = Mistake(
    name="sign-of-minus-zero-is-minus-one",
    operators=OPERATORS,
    flags=("sign-of-zero",),
    effect="Packing sign bits as they are makes −1 of −0, which compares equal to 0 and is +1.",
    fix="Compare w ≥ 0, or clear the sign of zeros first.",
    symptom="only at zero",
    run=run,
)
