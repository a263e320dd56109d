"""Keys of the column before the row."""

import numpy as np

from qref.mistakes.hashes import OPERATORS, Indices, Words, by_rule, second
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.numerics.xxhash32 import of_pairs
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def rule(i: Words, j: Words, count: int, seed: int) -> Indices:
        buckets = of_pairs(j, i, seed) % np.uint32(count)
        return buckets.astype(np.int32), 2 * (of_pairs(j, i, second(seed)) & 1).astype(np.int8) - 1

    return by_rule(request, rule)


MISTAKE = Mistake(
    name="hash-key-transposed",
    operators=OPERATORS,
    flags=("hash-bucket", "hash-kernel"),
    effect="The matrix is hashed as its transpose: the diagonal alone is right, 1 weight of each row at most.",
    fix="Hash the output channel first, then the place in it.",
    symptom="nearly everywhere",
    run=run,
)
