"""Popcount not doubled: n − popcount(xor) instead of n − 2·popcount(xor)."""

from qref.conv.geometry import Geometry
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import CONVOLUTIONS, Array, convolved
from qref.mistakes.signs import of_signs, taps_on_image
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def undoubled(x: Array, w: Array, geometry: Geometry) -> Array:
        right, n = convolved(request, x, w, geometry), w.shape[1] * taps_on_image(x, geometry)
        return right + (n - right) // 2  # the number of bits that differ, added back once

    return of_signs(request, undoubled)


MISTAKE = Mistake(
    name="xnor-popcount-not-doubled",
    operators=CONVOLUTIONS,
    flags=("signs",),
    effect=(
        "Two bits that differ take 1 from the sum instead of 2: of three products +1, −1, −1 the sum is 3 − 2 = 1 "
        "instead of −1. Right where all signs agree."
    ),
    fix="A product of unequal signs is −1 where an equal one is +1: subtract twice the count from n.",
    symptom="nearly everywhere",
    run=run,
)
