"""Number formats that round ties away from zero, as C's `round` does, in place of half to even."""

from fractions import Fraction

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops import run as answer
from qref.ops.request import Request

OPERATORS = ("FloatingPointEncode", "FixedPointEncode")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    [x] = request.inputs
    assert x is not None
    [toward], [away] = rerun(request), rerun(request, {0: _farther(x)})
    decoder = request.op.replace("Encode", "Decode")
    values = [
        answer(Request(decoder, "qref", 1, request.attributes, (codes,)))[0].data.ravel() for codes in (toward, away)
    ]
    pairs = zip(x.data.ravel(), *values, toward.data.ravel(), away.data.ravel())
    codes = [
        b if 2 * abs(Fraction(float(v))) == abs(Fraction(float(p)) + Fraction(float(q))) else a
        for v, p, q, a, b in pairs
    ]
    return [Tensor("uint16", np.array(codes, np.uint16).reshape(x.shape))]


def _farther(x: Tensor) -> Tensor:
    return Tensor("float32", np.nextafter(x.data, np.copysign(np.float32(3e38), x.data)))


MISTAKE = Mistake(
    name="format-ties-away",
    operators=OPERATORS,
    flags=("format-tie",),
    effect="2.5 becomes 3 in FP4, where both are equally near and 2 has the even mantissa.",
    fix="Round half to even: of two equally near numbers the one whose mantissa ends with 0.",
    symptom="only at ties",
    run=run,
)
