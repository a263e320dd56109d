"""Keys with the highest byte first."""

import numpy as np

from qref.mistakes.hashes import OPERATORS, Indices, Words, by_rule, second
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.numerics.xxhash32 import of_pairs
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def rule(i: Words, j: Words, count: int, seed: int) -> Indices:
        i, j = (x.astype(np.uint32).byteswap() for x in (i, j))
        buckets = of_pairs(i, j, seed) % np.uint32(count)
        return buckets.astype(np.int32), 2 * (of_pairs(i, j, second(seed)) & 1).astype(np.int8) - 1

    return by_rule(request, rule)


MISTAKE = Mistake(
    name="hash-key-big-endian",
    operators=OPERATORS,
    flags=("hash-bucket", "long-row"),
    effect="Only places whose rows and columns are 0 hash to the same.",
    fix="Write the indices with the lowest byte first.",
    symptom="nearly everywhere",
    run=run,
)
