"""The largest power of two from ⌊log₂ s⌋, without the factor 4/3."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request
from qref.quantizers import incremental

OPERATORS = ("IncrementalEncode",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    W = request.inputs[0]
    assert W is not None
    s = float(np.abs(W.data).max(initial=0.0))
    n1 = int(np.frexp(s)[1]) - 1 if s else 0
    bits = request.attributes.get("bits", 5)
    top = np.float32(2.0**n1)
    codes = incremental.codes(np.clip(W.data, -top, top), n1, bits)
    return [Tensor("uint8", codes), Tensor("float32", incremental.codebook(n1, bits)[np.newaxis])]


MISTAKE = Mistake(
    name="incremental-range-without-four-thirds",
    operators=OPERATORS,
    flags=("inq-range", "powers-of-two"),
    effect="If max |w| is 0.8, the largest power is 1/2 where it should be 1: all powers are too small by half.",
    fix="Round s to the nearest power: n₁ = ⌊log₂(4s/3)⌋.",
    symptom="nearly everywhere",
    run=run,
)
