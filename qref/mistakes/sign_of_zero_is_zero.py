"""sign(0) = 0, as a library's sign function has it, in binary weights and activations."""

import numpy as np

from qref.errors import Unsupported
from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("BinaryWeight", "BinaryConnect", "XnorActivation")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    if request.attributes.get("mode") == "stochastic":
        raise Unsupported("random signs are not taken by a sign function")
    codes, *others = rerun(request)
    W = request.inputs[0]
    assert W is not None
    return [Tensor("int8", np.where(W.data == 0, 0, codes.data).astype(np.int8)), *others]


MISTAKE = Mistake(
    name="sign-of-zero-is-zero",
    operators=OPERATORS,
    flags=("sign-of-zero",),
    effect="A library's sign(0) is 0, and so a third value gets among codes that have one bit for −1 and +1.",
    fix="Compare: w ≥ 0 gives +1, everything else −1.",
    symptom="only at zero",
    run=run,
)
