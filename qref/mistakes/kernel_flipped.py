"""Kernel flipped: convolution as in signal processing, not the cross-correlation that networks mean."""

import numpy as np

from qref.mistakes.integer_products import CONVOLUTIONS
from qref.mistakes.kernels import with_kernels
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return with_kernels(request, lambda w: np.flip(w, tuple(range(2, w.ndim))))


MISTAKE = Mistake(
    name="kernel-flipped",
    operators=CONVOLUTIONS,
    flags=("one-dimensional", "three-dimensional", "depthwise"),
    effect=(
        "The kernel is turned around: [1, 2] on x = [1, 3] gives 1·2 + 3·1 = 5 instead of 7. Right for symmetric "
        "kernels and 1×1."
    ),
    fix="Do not flip; or flip the kernel once more before a library that does.",
    symptom="nearly everywhere",
    run=run,
)
