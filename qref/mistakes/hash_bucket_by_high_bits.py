"""Buckets by the high bits of hash times number, not by the remainder."""

import numpy as np

from qref.mistakes.hashes import OPERATORS, Indices, Words, by_rule, second
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.numerics.xxhash32 import of_pairs
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def rule(i: Words, j: Words, count: int, seed: int) -> Indices:
        buckets = (of_pairs(i, j, seed).astype(np.uint64) * np.uint64(count)) >> np.uint64(32)
        return buckets.astype(np.int32), 2 * (of_pairs(i, j, second(seed)) & 1).astype(np.int8) - 1

    return by_rule(request, rule)


MISTAKE = Mistake(
    name="hash-bucket-by-high-bits",
    operators=OPERATORS,
    flags=("hash-bucket",),
    effect="As even as the remainder, and another place for nearly every weight: of 64 buckets 63 in 64 differ.",
    fix="Take the hash modulo the number of buckets.",
    symptom="nearly everywhere",
    run=run,
)
