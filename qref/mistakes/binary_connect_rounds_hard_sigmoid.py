"""Deterministic signs from the hard sigmoid rounded to an integer."""

import numpy as np

from qref.errors import Unsupported
from qref.mistakes.altered_request import check
from qref.mistakes.binary_schemes import given, values
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("BinaryConnect",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    if given(request)["mode"] != "deterministic":
        raise Unsupported("random signs are not rounded")
    p = np.clip((values(request, 0).astype(np.float32) + np.float32(1)) / 2, 0, 1)
    return [Tensor("int8", np.where(np.rint(p) == 1, 1, -1).astype(np.int8))]


MISTAKE = Mistake(
    name="binary-connect-rounds-hard-sigmoid",
    operators=OPERATORS,
    flags=("sign-of-zero",),
    effect=(
        "rint((w + 1) / 2) takes ½ to the even 0: weights of zero, and float32 weights within 2⁻²⁵ of it, become −1."
    ),
    fix="Compare: w ≥ 0 gives +1.",
    symptom="only at zero",
    run=run,
)
