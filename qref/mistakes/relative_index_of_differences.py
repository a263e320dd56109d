"""Differences of positions stored as they are, the first counted from place 0."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.mistakes.sparse_storages import DECODE, ENCODE, answer, gap_bits, weights
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = (*ENCODE, *DECODE)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    if request.op == "RelativeIndexDecode":
        return [_decoded(request)]
    flat, largest = weights(request).reshape(-1), (1 << gap_bits(request)) - 1
    gaps: list[int] = []
    values: list[float] = []
    before = 0
    for place in np.flatnonzero(flat).tolist():
        while place - before > largest:
            before += largest
            gaps.append(largest)
            values.append(0.0)
        gaps.append(place - before)
        values.append(float(flat[place]))
        before = place
    return answer(request, gaps, values)


def _decoded(request: Request) -> Tensor:
    gaps, values = request.inputs[:2]
    assert gaps is not None and values is not None
    book = request.inputs[2] if len(request.inputs) > 2 else None
    shape = tuple(request.attributes["shape"])
    W = np.zeros(int(np.prod(shape)), np.float32)
    W[np.cumsum(gaps.data.astype(np.int64))] = values.data if book is None else book.data[values.data]
    return Tensor("float32", W.reshape(shape))


MISTAKE = Mistake(
    name="relative-index-of-differences",
    operators=OPERATORS,
    flags=("relative-index",),
    effect="Two numbers side by side have difference 1 and gap 0: a decoder of gaps is 1 place further on after each.",
    fix="Store the zeros in between: the difference less 1, so that differences up to 2^k fit.",
    symptom="nearly everywhere",
    run=run,
)
