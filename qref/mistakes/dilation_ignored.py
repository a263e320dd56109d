"""Dilation ignored: the kernel's taps stay together, in an output of the right shape."""

from qref.mistakes.altered_request import check
from qref.mistakes.convolution_geometry import undilated
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import CONVOLUTIONS
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, CONVOLUTIONS)
    return undilated(request)


MISTAKE = Mistake(
    name="dilation-ignored",
    operators=CONVOLUTIONS,
    flags=("dilation",),
    effect=(
        "The output's shape is right, and each window takes neighbours: kernel 2 with dilation 2 sums x[0] and x[1] "
        "instead of x[0] and x[2]."
    ),
    fix="Step through the image by the dilation between taps.",
    symptom="only in some shapes",
    run=run,
)
