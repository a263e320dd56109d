"""Winograd's last tile dropped: outputs that fill only part of a 2×2 tile are never written."""

from qref.conv.geometry import Geometry
from qref.mistakes.altered_convolution import takes_winograd, with_right_sums
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import CONVOLUTIONS, Array
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def whole_tiles(y: Array, x: Array, w: Array, geometry: Geometry) -> Array:
    if takes_winograd(x, w, geometry):
        y = y.copy()
        y[:, :, y.shape[2] // 2 * 2 :] = 0
        y[:, :, :, y.shape[3] // 2 * 2 :] = 0
    return y


def run(request: Request) -> list[Tensor]:
    return with_right_sums(request, whole_tiles)


MISTAKE = Mistake(
    name="winograd-tail-tile-dropped",
    operators=CONVOLUTIONS,
    flags=("tile-tail",),
    effect=(
        "⌊o / 2⌋ tiles a dimension: of 5×5 outputs of a 3×3 kernel the last row and column hold 0, or the bias. Right "
        "for even lengths, other kernels, strides and dilations."
    ),
    fix="Count ⌈o / 2⌉ tiles, pad the last ones with zeros and write the part that there is.",
    symptom="only in some shapes",
    run=run,
    seen_in=("Tencent/ncnn#1891",),
)
