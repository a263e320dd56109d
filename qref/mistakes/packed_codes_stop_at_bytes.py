"""As many codes as fit whole into each byte, and bits left over."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("PackCodes",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    codes, bits = request.inputs[0], int(request.attributes.get("bits", 8))
    assert codes is not None
    signs = codes.dtype == "int8" and bits == 1
    flat = (codes.data > 0 if signs else codes.data).reshape(-1).astype(np.int64) & ((1 << bits) - 1)
    fit = 8 // bits
    whole = np.concatenate([flat, np.zeros(-flat.size % fit, np.int64)]).reshape(-1, fit)
    return [Tensor("uint8", (whole << bits * np.arange(fit)).sum(axis=1).astype(np.uint8))]


MISTAKE = Mistake(
    name="packed-codes-stop-at-bytes",
    operators=OPERATORS,
    flags=("codes-cross-bytes",),
    effect="Eight codes of three bits take 4 bytes instead of 3.",
    fix="Let codes cross the ends of bytes: only the last byte is filled up.",
    symptom="only in some shapes",
    run=run,
)
