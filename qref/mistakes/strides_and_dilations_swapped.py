"""Strides and dilations swapped: each is passed in the other's place."""

from dataclasses import replace

from qref.conv.geometry import Geometry
from qref.mistakes.convolution_geometry import under
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import CONVOLUTIONS
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def swapped(own: Geometry) -> Geometry:
    return replace(own, strides=own.dilations, dilations=own.strides)


def run(request: Request) -> list[Tensor]:
    return under(request, swapped, operators=CONVOLUTIONS)


MISTAKE = Mistake(
    name="strides-and-dilations-swapped",
    operators=CONVOLUTIONS,
    flags=("stride", "dilation"),
    effect=(
        "Kernel 2 with stride 2 on 5 pixels gives 3 windows of pixels p and p + 2 instead of 2 windows of neighbours. "
        "Right where both are 1 or equal."
    ),
    fix="Check the order of arguments: libraries differ in it.",
    symptom="only in some shapes",
    run=run,
)
