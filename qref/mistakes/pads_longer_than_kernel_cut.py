"""Pads longer than the kernel cut: padding is limited to what a window at the border can touch."""

from dataclasses import replace

from qref.conv.geometry import Geometry
from qref.mistakes.convolution_geometry import under
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import CONVOLUTIONS
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def cut(own: Geometry) -> Geometry:
    reach = [own.extent(i) - 1 for i in range(len(own.kernel))]
    begin, end = (tuple(map(min, pads, reach)) for pads in (own.pads_begin, own.pads_end))
    return replace(own, pads_begin=begin, pads_end=end)


def run(request: Request) -> list[Tensor]:
    return under(request, cut, operators=CONVOLUTIONS)


MISTAKE = Mistake(
    name="pads-longer-than-kernel-cut",
    operators=CONVOLUTIONS,
    flags=("pad-exceeds-kernel",),
    effect=(
        "Pads of 2 beside a kernel of 2 become 1, so that no window lies in the padding alone: the outputs of those "
        "windows (zero, or the bias) are missing."
    ),
    fix="Take pads as they are; a window wholly in the padding sums to 0.",
    symptom="only in some shapes",
    run=run,
)
