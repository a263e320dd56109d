"""SAME padding ignores the stride: it is always (k − 1)·d, as for stride 1."""

from dataclasses import replace

from qref.conv.geometry import Geometry
from qref.mistakes.convolution_geometry import WINDOWS, same, same_pads, under
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def unstrided(own: Geometry) -> Geometry:
        begin, end = same_pads(request, [own.extent(i) - 1 for i in range(len(own.kernel))])
        return replace(own, pads_begin=begin, pads_end=end)

    return under(request, unstrided, where=same)


MISTAKE = Mistake(
    name="same-padding-ignores-stride",
    operators=WINDOWS,
    flags=("same-upper", "same-lower", "stride"),
    effect=(
        "Length 6, kernel 3, stride 2 needs one padded element, at the end for SAME_UPPER; it gets one at each end, as "
        "for stride 1: the shape is right and every window is shifted by one."
    ),
    fix="Pad max((⌈D / s⌉ − 1)·s + (k − 1)·d + 1 − D, 0) in all.",
    symptom="only in some shapes",
    run=run,
    seen_in=("root-project/root#21793",),
    real=True,
)
