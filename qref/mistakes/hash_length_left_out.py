"""xxHash32 without the length of the key."""

import numpy as np

from qref.mistakes.hashes import OPERATORS, Indices, Words, by_rule, second
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.numerics.xxhash32 import of_pairs
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def rule(i: Words, j: Words, count: int, seed: int) -> Indices:
        buckets = of_pairs(i, j, (seed - 8) % 2**32) % np.uint32(count)
        return buckets.astype(np.int32), 2 * (of_pairs(i, j, (second(seed) - 8) % 2**32) & 1).astype(np.int8) - 1

    return by_rule(request, rule)


MISTAKE = Mistake(
    name="hash-length-left-out",
    operators=OPERATORS,
    flags=("hash-bucket",),
    effect="Every hash is another: the 8 bytes of a key count in it.",
    fix="Add the number of bytes before the words: h = seed + PRIME32_5 + 8.",
    symptom="nearly everywhere",
    run=run,
)
