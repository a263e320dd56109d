"""A hash of the place without the seed."""

import numpy as np

from qref.mistakes.hashes import OPERATORS, Indices, Words, by_rule, second
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.numerics.xxhash32 import of_pairs
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def rule(i: Words, j: Words, count: int, seed: int) -> Indices:
        buckets = of_pairs(i, j, 0) % np.uint32(count)
        return buckets.astype(np.int32), 2 * (of_pairs(i, j, second(0)) & 1).astype(np.int8) - 1

    return by_rule(request, rule)


MISTAKE = Mistake(
    name="hash-without-seed",
    operators=OPERATORS,
    flags=("hash-bucket", "hash-seed"),
    effect="Every layer shares its weights as with seed 0: with seed 1691 nearly all weights stand elsewhere.",
    fix="Begin xxHash32 with the seed: h = seed + PRIME32_5 + 8.",
    symptom="nearly everywhere",
    run=run,
)
