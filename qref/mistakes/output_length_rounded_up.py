"""Output length rounded up: a last window that hangs over the padding is counted."""

from dataclasses import replace

from qref.conv.geometry import Geometry
from qref.mistakes.convolution_geometry import spatial, under
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import CONVOLUTIONS
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def rounded_up(own: Geometry) -> Geometry:
        ends = tuple(
            end + (own.extent(i) - length - begin - end) % s
            for i, (length, begin, end, s) in enumerate(
                zip(spatial(request), own.pads_begin, own.pads_end, own.strides, strict=True)
            )
        )
        return replace(own, pads_end=ends)

    return under(request, rounded_up, operators=CONVOLUTIONS)


MISTAKE = Mistake(
    name="output-length-rounded-up",
    operators=CONVOLUTIONS,
    flags=("stride", "valid", "stride-exceeds-kernel"),
    effect=(
        "Length 6, kernel 3, stride 2 gives ⌈3 / 2⌉ + 1 = 3 outputs instead of 2, the last one half in padding, as "
        "pooling with ceil_mode does. Right where the stride divides evenly."
    ),
    fix="Round down: ⌊(D + pads − (k − 1)·d − 1) / s⌋ + 1.",
    symptom="only in some shapes",
    run=run,
)
