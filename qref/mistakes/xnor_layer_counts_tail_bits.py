"""Unused bits of the last word counted as equal, in a layer of XNOR-Net."""

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

    def with_tail(x: Array, w: Array, windows: Geometry) -> Array:
        return direct(x, w, windows) + 2 * (-w.shape[1] % 32) * taps_on_image(x, windows)

    return layer(request, products=with_tail)


MISTAKE = Mistake(
    name="xnor-layer-counts-tail-bits",
    operators=OPERATORS,
    flags=("signs", "channel-tail"),
    effect=(
        "With 31 channels one bit of a word of 32 is 0 on both sides, and adds 2 for each tap. Right where 32"
        " divides the channels."
    ),
    fix="Mask the last word, or subtract the popcount of xor from n.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
