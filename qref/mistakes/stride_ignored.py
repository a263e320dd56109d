"""Stride ignored: neighbouring windows in an output of the right shape."""

from qref.conv.geometry import Geometry
from qref.mistakes.altered_convolution import outputs_of, starting_at
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import CONVOLUTIONS, spatial_of
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def neighbours(geometry: Geometry) -> list[list[int]]:
        numbers = outputs_of(geometry, spatial_of(request))
        return [[p - b for p in row] for row, b in zip(numbers, geometry.pads_begin)]

    return starting_at(request, neighbours)


MISTAKE = Mistake(
    name="stride-ignored",
    operators=CONVOLUTIONS,
    flags=("stride",),
    effect=(
        "The first o outputs of stride 1 are taken instead of every s-th, as FFT gives them: kernel 1 with stride 2 "
        "on [1, 2, 3] gives [1, 2] instead of [1, 3]."
    ),
    fix="Begin window p at pixel p·s − pads_begin; of a transform's outputs keep every s-th.",
    symptom="only in some shapes",
    run=run,
)
