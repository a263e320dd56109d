"""Every weight below the smallest power of two becomes 0."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("IncrementalEncode",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    codes, books = rerun(request)
    W = request.inputs[0]
    assert W is not None
    small = np.abs(W.data) < books.data[0, (books.shape[1] - 1) // 2]
    return [Tensor("uint8", np.where(small, 0, codes.data).astype(np.uint8)), books]


MISTAKE = Mistake(
    name="incremental-prunes-below-smallest-power",
    operators=OPERATORS,
    flags=("powers-of-two",),
    effect="If the smallest power is 1/4, weights from 1/8 to 1/4 become 0.",
    fix="Follow equation 4, whose lowest interval begins at 2^n₂ / 2; the sentence beside it says less.",
    symptom="nearly everywhere",
    run=run,
)
