"""No signs at all."""

import numpy as np

from qref.mistakes.hashes import OPERATORS, Indices, Words, by_rule
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.numerics.xxhash32 import of_pairs
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def rule(i: Words, j: Words, count: int, seed: int) -> Indices:
        buckets = of_pairs(i, j, seed) % np.uint32(count)
        return buckets.astype(np.int32), np.ones(buckets.shape, np.int8)

    return by_rule(request, rule)


MISTAKE = Mistake(
    name="hash-without-sign",
    operators=OPERATORS,
    flags=("hash-sign",),
    effect="Sums over a bucket are biased: of two weights that differ in sign the mean is near 0.",
    fix="Multiply by ξ: the inner product of hashed vectors is unbiased with it alone.",
    symptom="nearly everywhere",
    run=run,
)
