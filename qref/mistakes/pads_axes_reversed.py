"""Axes of pads reversed: the padding of the height is put on the width."""

from dataclasses import replace

from qref.conv.geometry import Geometry
from qref.mistakes.convolution_geometry import WINDOWS, explicit, under
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def reversed_axes(own: Geometry) -> Geometry:
    return replace(own, pads_begin=own.pads_begin[::-1], pads_end=own.pads_end[::-1])


def run(request: Request) -> list[Tensor]:
    return under(request, reversed_axes, where=explicit)


MISTAKE = Mistake(
    name="pads-axes-reversed",
    operators=WINDOWS,
    flags=("padding", "asymmetric-pads", "three-dimensional"),
    effect=(
        "pads [1, 0, 1, 0] means one row above and one below; it becomes a column on each side. Libraries that name "
        "width first invite it. Right where all dimensions are padded alike."
    ),
    fix="pads follow the order of x's spatial dimensions: height first.",
    symptom="only in some shapes",
    run=run,
)
