"""A floating-point format of few bits read without subnormal numbers: exponent 0 taken as any other."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("FloatingPointDecode",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    [codes] = request.inputs
    assert codes is not None
    [y] = rerun(request)
    given = request.attributes
    e, m, bias = given.get("exponent_bits", 2), given.get("mantissa_bits", 1), given.get("bias", 1)
    code = codes.data.astype(np.int64)
    fraction, low = code & ((1 << m) - 1), (code >> m) & ((1 << e) - 1) == 0
    value = np.ldexp(1 + np.ldexp(fraction.astype(np.float64), -m), -bias)
    wrong = np.where(low & (fraction > 0), np.copysign(value, y.data), y.data)
    return [Tensor("float32", wrong.astype(np.float32))]


MISTAKE = Mistake(
    name="format-without-subnormals",
    operators=OPERATORS,
    flags=("format-codes",),
    effect="The hidden 1 stands before the mantissa of exponent 0 too: 0.5 of FP4 is read as 0.75.",
    fix="Where the exponent is 0, the number is 0.M times 2 to the power 1 − bias.",
    symptom="only in one number format",
    run=run,
)
