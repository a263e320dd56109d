"""Fillers with code 0, whatever the codebook holds there."""

import numpy as np

from qref.mistakes.altered_request import rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.sparse_storages import ENCODE, coded, weights
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    weights(request)
    gaps, codes, *rest = rerun(request)
    if codes.dtype != "uint8":
        return [gaps, codes, *rest]
    codebook = request.inputs[1]
    assert codebook is not None
    return coded(request, gaps.data, np.where(codebook.data[codes.data] == 0, np.uint8(0), codes.data))


MISTAKE = Mistake(
    name="relative-index-filler-has-code-zero",
    operators=ENCODE,
    flags=("filler-code",),
    effect="A filler becomes the first value of the codebook, 0.5 for example: a pruned weight comes back.",
    fix="Give fillers the code whose value is exactly 0.",
    symptom="only at zero",
    run=run,
)
