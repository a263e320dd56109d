"""Number formats that cut the mantissa: floor of the magnitude in place of rounding."""

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
    [codes] = rerun(request)
    decoder = request.op.replace("Encode", "Decode")
    [values] = answer(Request(decoder, "qref", 1, request.attributes, (codes,)))
    # codes of one sign rise with the magnitude
    above = np.abs(values.data) > np.abs(x.data)
    return [Tensor("uint16", (codes.data - above).astype(np.uint16))]


MISTAKE = Mistake(
    name="format-truncates",
    operators=OPERATORS,
    flags=("near-tie", "format-tie", "fixed-point"),
    effect="Low bits are cut off: 3.9 becomes 3 in FP4, though 4 is nearer.",
    fix="Round to the nearest number before the bits are taken.",
    symptom="nearly everywhere",
    run=run,
)
