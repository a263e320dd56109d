"""Signs from the lowest bit of the hash that gave the bucket."""

import numpy as np

from qref.mistakes.hashes import OPERATORS, Indices, Words, by_rule
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.numerics.xxhash32 import of_pairs
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def rule(i: Words, j: Words, count: int, seed: int) -> Indices:
        h = of_pairs(i, j, seed)
        return (h % np.uint32(count)).astype(np.int32), 2 * (h & 1).astype(np.int8) - 1

    return by_rule(request, rule)


MISTAKE = Mistake(
    name="hash-sign-of-the-bucket-hash",
    operators=OPERATORS,
    flags=("hash-sign",),
    effect="Where the number of buckets is even all weights of a bucket have 1 sign: their errors do not cancel.",
    fix="Hash the place a second time, with the seed 2^32 - 1 - seed.",
    symptom="nearly everywhere",
    run=run,
)
