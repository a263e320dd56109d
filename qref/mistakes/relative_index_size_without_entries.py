"""A size without the number of entries, which a decoder cannot do without."""

import numpy as np

from qref.mistakes.altered_request import rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.sparse_storages import ENCODE, weights
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    weights(request)
    *found, size, packed = rerun(request)
    return [*found, Tensor("int64", size.data - np.int64(32)), packed]


MISTAKE = Mistake(
    name="relative-index-size-without-entries",
    operators=ENCODE,
    flags=("stored-size",),
    effect="The size is 32 bits too small.",
    fix="Store and count the number of entries: fillers make it another than that of the weights left.",
    symptom="nearly everywhere",
    run=run,
)
