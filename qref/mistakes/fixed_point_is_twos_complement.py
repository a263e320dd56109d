"""Sign and magnitude read as two's complement."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("FixedPointDecode",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    [codes] = request.inputs
    assert codes is not None
    m, f = request.attributes.get("mantissa_bits", 3), request.attributes.get("fraction_bits", 0)
    code = codes.data.astype(np.int64)
    signed = np.where(code >= 1 << m, code - (2 << m), code)
    return [Tensor("float32", np.ldexp(signed.astype(np.float64), -f).astype(np.float32))]


MISTAKE = Mistake(
    name="fixed-point-is-twos-complement",
    operators=OPERATORS,
    flags=("format-codes",),
    effect="The code with the sign bit alone is −2^m in place of −0, and negative numbers run backwards.",
    fix="The sign bit negates; the bits below it are the magnitude.",
    symptom="only negative values",
    run=run,
)
