"""Fillers for the zeros behind the last number."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.sparse_storages import ENCODE, answer, gap_bits, weights, with_fillers
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    flat, most = weights(request).reshape(-1), 1 << gap_bits(request)
    at = np.flatnonzero(flat)
    gaps, values = with_fillers(at, flat, most - 1, most)
    more = int(flat.size - 1 - (at[-1] if at.size else -1)) // most
    return answer(request, [*gaps, *[most - 1] * more], [*values, *[0.0] * more])


MISTAKE = Mistake(
    name="relative-index-fills-up-the-end",
    operators=ENCODE,
    flags=("gap-limit",),
    effect="16 zeros at the end take 2 entries of three bits.",
    fix="Stop at the last number: the shape says where the tensor ends.",
    symptom="only in some shapes",
    run=run,
)
