"""A sign of −1 where the second hash is odd."""

import numpy as np

from qref.mistakes.hashes import OPERATORS, Indices, Words, by_rule, second
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.numerics.xxhash32 import of_pairs
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def rule(i: Words, j: Words, count: int, seed: int) -> Indices:
        buckets = of_pairs(i, j, seed) % np.uint32(count)
        return buckets.astype(np.int32), 1 - 2 * (of_pairs(i, j, second(seed)) & 1).astype(np.int8)

    return by_rule(request, rule)


MISTAKE = Mistake(
    name="hash-sign-inverted",
    operators=OPERATORS,
    flags=("hash-sign",),
    effect="Every weight has the opposite sign: a layer of 1 real weight gives −y for y.",
    fix="+1 where the hash is odd, −1 where it is even.",
    symptom="nearly everywhere",
    run=run,
)
