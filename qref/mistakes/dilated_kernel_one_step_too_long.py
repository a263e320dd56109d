"""Dilated kernel one step too long: k·d instead of (k − 1)·d + 1."""

from qref.errors import Unsupported
from qref.mistakes.altered_request import check
from qref.mistakes.convolution_geometry import cropped, geometry_of, spatial
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import CONVOLUTIONS
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, CONVOLUTIONS)
    own = geometry_of(request)
    windows = [
        (length + begin + end - k * d) // s + 1
        for length, begin, end, k, d, s in zip(
            spatial(request), own.pads_begin, own.pads_end, own.kernel, own.dilations, own.strides, strict=True
        )
    ]
    if any(n < 1 for n in windows):
        raise Unsupported("no window is left")
    return cropped(request, windows)


MISTAKE = Mistake(
    name="dilated-kernel-one-step-too-long",
    operators=CONVOLUTIONS,
    flags=("dilation",),
    effect=(
        "Kernel 2 with dilation 2 covers 3 elements and is counted as 4: of length 5 it gives 2 outputs instead of 3. "
        "Right without dilation."
    ),
    fix="A dilated kernel covers (k − 1)·d + 1 elements.",
    symptom="only in some shapes",
    run=run,
)
