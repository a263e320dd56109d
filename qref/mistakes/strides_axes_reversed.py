"""Axes of strides reversed: the stride of the height is used along the width."""

from dataclasses import replace

from qref.conv.geometry import Geometry
from qref.mistakes.convolution_geometry import WINDOWS, under
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def reversed_axes(own: Geometry) -> Geometry:
    return replace(own, strides=own.strides[::-1])


def run(request: Request) -> list[Tensor]:
    return under(request, reversed_axes)


MISTAKE = Mistake(
    name="strides-axes-reversed",
    operators=WINDOWS,
    flags=("stride", "three-dimensional"),
    effect="strides [2, 1] steps by 1 down and by 2 across. Right where all strides are equal.",
    fix="strides follow the order of x's spatial dimensions: height first.",
    symptom="only in some shapes",
    run=run,
)
