"""Row pointers shifted: the weights of a sparse row are looked up one row further on."""

import numpy as np

from qref.conv.geometry import Geometry
from qref.mistakes.altered_convolution import with_operands
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import CONVOLUTIONS, Array
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def next_row(x: Array, w: Array, geometry: Geometry) -> tuple[Array, Array, Geometry]:
    groups = [np.concatenate([kernels[1:], np.zeros_like(kernels[:1])]) for kernels in np.split(w, geometry.group)]
    return x, np.concatenate(groups), geometry


def run(request: Request) -> list[Tensor]:
    return with_operands(request, next_row)


MISTAKE = Mistake(
    name="sparse-row-pointers-shifted",
    operators=CONVOLUTIONS,
    flags=("sparse",),
    effect=(
        "The counts of each row are summed up with the row itself, so rows[m] is the end of row m: output channel 0 "
        "is computed with the weights of channel 1, and the last channel with none."
    ),
    fix="rows[0] is 0, and rows[m + 1] the number of weights in rows 0 … m.",
    symptom="nearly everywhere",
    run=run,
)
