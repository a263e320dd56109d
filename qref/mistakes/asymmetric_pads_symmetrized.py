"""Asymmetric pads symmetrized: the padding before the image is used at both ends."""

from dataclasses import replace

from qref.conv.geometry import Geometry
from qref.mistakes.convolution_geometry import WINDOWS, explicit, under
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def symmetric(own: Geometry) -> Geometry:
    return replace(own, pads_end=own.pads_begin)


def run(request: Request) -> list[Tensor]:
    return under(request, symmetric, where=explicit)


MISTAKE = Mistake(
    name="asymmetric-pads-symmetrized",
    operators=WINDOWS,
    flags=("asymmetric-pads", "padding"),
    effect="pads [0, 0, 1, 1] is taken for [0, 0, 0, 0]: the last row and column of outputs are missing.",
    fix="Use pads[i] before and pads[i + n] behind the image in dimension i.",
    symptom="only at the edges of an image",
    run=run,
    seen_in=("apache/tvm#9097",),
    real=True,
)
