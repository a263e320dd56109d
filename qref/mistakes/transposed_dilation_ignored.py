"""Dilation of a transposed convolution ignored: the kernel's taps stay together, in an output of the right shape."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.transposed_convolution import TRANSPOSED, parts, weights
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, TRANSPOSED)
    inner, w = parts(request).geometry, weights(request)
    # the kernel filled up with zeros to the length of the dilated one
    filled = np.zeros((*w.shape[:2], *(inner.extent(i) for i in range(len(inner.kernel)))), w.data.dtype)
    filled[(slice(None), slice(None), *(slice(k) for k in inner.kernel))] = w.data
    return rerun(request, {1: Tensor(w.dtype, filled)}, {"dilations": None, "kernel_shape": None})


MISTAKE = Mistake(
    name="transposed-dilation-ignored",
    operators=TRANSPOSED,
    flags=("dilation",),
    effect="Kernel [1, 2] with dilation 2 on [1] gives [1, 2, 0] instead of [1, 0, 2]. Right without dilation.",
    fix="Tap r of the kernel lands d·r elements behind its pixel's place.",
    symptom="only in some shapes",
    run=run,
)
