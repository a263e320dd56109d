"""Keys whose words are cut to 8 bits."""

import numpy as np

from qref.mistakes.hashes import OPERATORS, Indices, Words, by_rule, second
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.numerics.xxhash32 import of_pairs
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def rule(i: Words, j: Words, count: int, seed: int) -> Indices:
        i, j = i & np.uint64(255), j & np.uint64(255)
        buckets = of_pairs(i, j, seed) % np.uint32(count)
        return buckets.astype(np.int32), 2 * (of_pairs(i, j, second(seed)) & 1).astype(np.int8) - 1

    return by_rule(request, rule)


MISTAKE = Mistake(
    name="hash-place-in-a-byte",
    operators=OPERATORS,
    flags=("long-row",),
    effect="Row 256 repeats row 0, and so do columns: right up to 255.",
    fix="Write all four bytes of each index.",
    symptom="only in some shapes",
    run=run,
)
