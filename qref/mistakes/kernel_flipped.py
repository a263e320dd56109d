"""Kernel flipped: convolution as in signal processing, not the cross-correlation that networks mean."""

import numpy as np

from qref.mistakes.kernels import with_kernels
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import CONVOLUTIONS
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = (*CONVOLUTIONS, "ConvTranspose")


def run(request: Request) -> list[Tensor]:
    return with_kernels(request, lambda w: np.flip(w, tuple(range(2, w.ndim))), OPERATORS)


MISTAKE = Mistake(
    name="kernel-flipped",
    operators=OPERATORS,
    flags=("one-dimensional", "three-dimensional", "depthwise"),
    effect=(
        "The kernel is turned around: [1, 2] on x = [1, 3] gives 1·2 + 3·1 = 5 instead of 7. Right for symmetric "
        "kernels and 1×1. A transposed convolution that is computed as a convolution of the image stuffed with zeros "
        "goes wrong in the same way where the kernel is not turned."
    ),
    fix="Do not flip; or flip the kernel once more before a library that does.",
    symptom="nearly everywhere",
    run=run,
)
