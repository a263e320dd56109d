"""Tail bits counted: the unused bits of the last byte of channels are equal, and count as products of +1."""

from qref.conv.geometry import Geometry
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import CONVOLUTIONS, Array, convolved
from qref.mistakes.signs import of_signs, taps_on_image
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def with_tail(x: Array, w: Array, geometry: Geometry) -> Array:
        unused = -w.shape[1] % 8
        return convolved(request, x, w, geometry) + 2 * unused * taps_on_image(x, geometry)

    return of_signs(request, with_tail)


MISTAKE = Mistake(
    name="xnor-tail-bits-counted",
    operators=CONVOLUTIONS,
    flags=("signs", "channel-tail"),
    effect=(
        "2·popcount(xnor) − n with bits packed by 8: with 3 channels 5 bits of the last byte are 0 in both operands, "
        "so each tap adds 2·5 = 10. Right where 8 divides the channels of a group."
    ),
    fix="Mask the last byte, or count exclusive or, where equal bits add nothing: n − 2·popcount(xor).",
    symptom="only with several channels, rows or blocks",
    run=run,
)
