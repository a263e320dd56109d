"""Bias added in each block of channels: every pass over eight input channels begins with it."""

from qref.conv.geometry import Geometry
from qref.mistakes.altered_convolution import with_right_sums
from qref.mistakes.bias import bias_of
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import Array
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("Conv", "QLinearConv")


def run(request: Request) -> list[Tensor]:
    bias = bias_of(request, OPERATORS)

    def each_block(y: Array, x: Array, w: Array, geometry: Geometry) -> Array:
        return y + max(-(-w.shape[1] // 8) - 1, 0) * bias

    return with_right_sums(request, each_block)


MISTAKE = Mistake(
    name="bias-added-in-each-channel-block",
    operators=OPERATORS,
    flags=("bias", "channel-tail"),
    effect=(
        "The sum is split into blocks of 8 input channels, and each adds the bias: of 20 channels it is there three "
        "times. Right up to 8 channels a group."
    ),
    fix="Start the first block from the bias, the others from what is there.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
