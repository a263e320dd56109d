"""A speed reached by one of the layers alone."""

from fractions import Fraction

import numpy as np

from qref.compression.low_rank.rank import at_step, most
from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("RankOfSpeed",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    method, shape = request.attributes.get("method", "svd"), request.inputs[0]
    assert shape is not None
    lengths = [int(n) for n in shape.data]
    if method not in ("svd", "channel"):
        return rerun(request)
    budget = int(np.prod(lengths)) / Fraction(request.attributes.get("speed", 2.0))
    r = min(int(budget / int(np.prod(lengths[1:]))), most(method, lengths))
    return [Tensor("int64", np.array(at_step(method, lengths, r), np.int64))]


MISTAKE = Mistake(
    name="rank-counts-one-layer",
    operators=OPERATORS,
    flags=("work-of-all-layers",),
    effect="Only the first layer's work is counted: for [64, 128] twice as fast 32 instead of 21.",
    fix="Count the multiplications of all layers.",
    symptom="nearly everywhere",
    run=run,
)
