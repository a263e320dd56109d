"""Weights read channels last: the memory of w [M, C/group, k…] is taken for [M, k…, C/group]."""

import numpy as np

from qref.mistakes.kernels import with_kernels
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import CONVOLUTIONS, Array
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def channels_last(w: Array) -> Array:
    M, C, *kernel = w.shape
    return np.moveaxis(w.reshape(M, *kernel, C), -1, 1)


def run(request: Request) -> list[Tensor]:
    return with_kernels(request, channels_last)


MISTAKE = Mistake(
    name="weights-read-channels-last",
    operators=CONVOLUTIONS,
    flags=("padding", "group", "one-dimensional"),
    effect=(
        "Patches run over channels fastest, weights over positions: w[0] = [[1, 2], [3, 4]] (two channels, kernel 2) "
        "is read as [[1, 3], [2, 4]]. Right for 1×1 kernels and for one channel a group."
    ),
    fix="Transpose weights to the order of the patches when they are packed.",
    symptom="only in some shapes",
    run=run,
)
