"""SAME_LOWER treated as SAME_UPPER: any SAME is the one that most frameworks know."""

from dataclasses import replace

from qref.conv.geometry import Geometry
from qref.mistakes.convolution_geometry import WINDOWS, under
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def upper(own: Geometry) -> Geometry:
    return replace(own, pads_begin=own.pads_end, pads_end=own.pads_begin)


def run(request: Request) -> list[Tensor]:
    return under(request, upper, where=lambda request: request.attributes.get("auto_pad") == "SAME_LOWER")


MISTAKE = Mistake(
    name="same-lower-treated-as-upper",
    operators=WINDOWS,
    flags=("same-lower", "even-kernel"),
    effect=(
        "Kernel 2 on length 5 needs one padded element: it stands behind the image instead of before it, and every "
        "window is shifted by one. SAME_UPPER is right."
    ),
    fix="For SAME_LOWER put the odd element at the beginning, or refuse it.",
    symptom="only in some shapes",
    run=run,
    seen_in=("ROCm/AMDMIGraphX#121",),
)
