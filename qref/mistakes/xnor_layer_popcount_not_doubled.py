"""n − popcount(xor) for n − 2·popcount(xor), in a layer of XNOR-Net."""

from qref.conv.direct import direct
from qref.conv.geometry import Geometry
from qref.mistakes.altered_request import check
from qref.mistakes.binary_schemes import Array, layer
from qref.mistakes.mistake import Mistake
from qref.mistakes.signs import taps_on_image
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("XnorConv",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)

    def undoubled(x: Array, w: Array, windows: Geometry) -> Array:
        right, n = direct(x, w, windows), w.shape[1] * taps_on_image(x, windows)
        return right + (n - right) / 2

    return layer(request, products=undoubled)


MISTAKE = Mistake(
    name="xnor-layer-popcount-not-doubled",
    operators=OPERATORS,
    flags=("signs",),
    effect="Two signs that differ take 1 from the sum instead of 2: of +1, −1, −1 the sum is 1 instead of −1.",
    fix="Subtract twice the count from n.",
    symptom="nearly everywhere",
    run=run,
)
