"""SAME_UPPER and SAME_LOWER swapped: an odd padded element stands at the wrong end."""

from dataclasses import replace

from qref.conv.geometry import Geometry
from qref.mistakes.convolution_geometry import WINDOWS, same, under
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def swapped(own: Geometry) -> Geometry:
    return replace(own, pads_begin=own.pads_end, pads_end=own.pads_begin)


def run(request: Request) -> list[Tensor]:
    return under(request, swapped, where=same)


MISTAKE = Mistake(
    name="same-upper-and-lower-swapped",
    operators=WINDOWS,
    flags=("same-upper", "same-lower", "even-kernel"),
    effect=(
        "Where SAME needs an odd number of padded elements, the odd one stands before the image for SAME_UPPER and "
        "after it for SAME_LOWER: every window is shifted by one. Right for odd kernels at stride 1."
    ),
    fix="SAME_UPPER puts the odd element at the end, SAME_LOWER at the beginning.",
    symptom="only in some shapes",
    run=run,
    seen_in=("root-project/root#21793", "microsoft/onnxruntime#5368"),
    real=True,
)
