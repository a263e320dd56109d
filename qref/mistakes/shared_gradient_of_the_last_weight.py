"""The gradient of a shared value by indexed addition that takes each index once: the last weight decides."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.mistakes.scalar_codebooks import GRADIENT
from qref.numerics.tensor import Tensor
from qref.ops.qref import granularity as grain
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, GRADIENT)
    g, codes = request.inputs
    assert g is not None and codes is not None
    given = request.attributes
    parts = grain.of(given.get("granularity", "tensor"), given.get("group_size", 0))
    found = np.zeros((parts.count(g.shape), given.get("values", 16)), np.float32)
    for row, part, b in zip(found, parts.parts(g.data), parts.parts(codes.data), strict=True):
        row[b] += part
    return [Tensor("float32", found)]


MISTAKE = Mistake(
    name="shared-gradient-of-the-last-weight",
    operators=GRADIENT,
    flags=("shared-gradient",),
    effect="gradient[codes] += g adds once an index: of 3 weights with one code only the last counts.",
    fix="Accumulate over repeated indices: numpy.add.at, numpy.bincount with weights, index_add.",
    symptom="nearly everywhere",
    run=run,
)
