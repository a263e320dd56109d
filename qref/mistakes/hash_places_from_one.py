"""Places counted from 1."""

import numpy as np

from qref.mistakes.hashes import OPERATORS, Indices, Words, by_rule, second
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.numerics.xxhash32 import of_pairs
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def rule(i: Words, j: Words, count: int, seed: int) -> Indices:
        buckets = of_pairs(i + np.uint64(1), j + np.uint64(1), seed) % np.uint32(count)
        signs = 2 * (of_pairs(i + np.uint64(1), j + np.uint64(1), second(seed)) & 1).astype(np.int8) - 1
        return buckets.astype(np.int32), signs

    return by_rule(request, rule)


MISTAKE = Mistake(
    name="hash-places-from-one",
    operators=OPERATORS,
    flags=("hash-bucket",),
    effect="All weights stand one row and column off: weight (0, 0) has the bucket of (1, 1).",
    fix="Count from 0; the authors' decimal keys alone count from 1.",
    symptom="nearly everywhere",
    run=run,
)
