"""Kernel transposed: kernels are read with their last two lengths exchanged."""

import numpy as np

from qref.mistakes.kernels import with_kernels
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import CONVOLUTIONS, Array
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = (*CONVOLUTIONS, "ConvTranspose")


def transposed(w: Array) -> Array:
    if w.ndim < 4:
        return w
    *outer, kh, kw = w.shape
    return np.swapaxes(w.reshape(*outer, kw, kh), -1, -2)


def run(request: Request) -> list[Tensor]:
    return with_kernels(request, transposed, OPERATORS)


MISTAKE = Mistake(
    name="kernel-transposed",
    operators=OPERATORS,
    flags=("padding", "three-dimensional"),
    effect=(
        "A kernel [[1, 2], [3, 4]] is read as [[1, 3], [2, 4]]. Right for symmetric kernels, for 1×1 and in one "
        "dimension."
    ),
    fix="Kernels are [M, C/group, height, width], width running fastest.",
    symptom="nearly everywhere",
    run=run,
)
