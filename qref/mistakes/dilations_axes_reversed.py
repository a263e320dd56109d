"""Axes of dilations reversed: the dilation of the height is used along the width."""

from dataclasses import replace

from qref.conv.geometry import Geometry
from qref.mistakes.convolution_geometry import WINDOWS, under
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def reversed_axes(own: Geometry) -> Geometry:
    return replace(own, dilations=own.dilations[::-1])


def run(request: Request) -> list[Tensor]:
    return under(request, reversed_axes)


MISTAKE = Mistake(
    name="dilations-axes-reversed",
    operators=WINDOWS,
    flags=("dilation", "three-dimensional"),
    effect="dilations [2, 1] spreads the kernel's columns instead of its rows. Right where all dilations are equal.",
    fix="dilations follow the order of x's spatial dimensions: height first.",
    symptom="only in some shapes",
    run=run,
)
