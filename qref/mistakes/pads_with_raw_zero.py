"""Pads with raw zero: the padding holds the code 0 instead of x_zero_point."""

from dataclasses import replace

from qref.conv.direct import direct
from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import INTEGER_CONVOLUTIONS, from_accumulator, geometry_of, operands
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, INTEGER_CONVOLUTIONS)
    found, geometry = operands(request), geometry_of(request)
    unpadded = replace(geometry, pads_begin=(0,) * len(geometry.kernel), pads_end=(0,) * len(geometry.kernel))
    image = geometry.pad(found.left) - found.left_zero
    return from_accumulator(request, direct(image, found.right - found.right_zero, unpadded))


MISTAKE = Mistake(
    name="pads-with-raw-zero",
    operators=INTEGER_CONVOLUTIONS,
    flags=("padding", "zero-point", "same-upper", "same-lower", "pad-exceeds-kernel"),
    effect=(
        "A padded element counts as 0 − x_zero_point instead of 0: with zero point 128 each tap in the padding adds "
        "−128·w. The same comes out when x_zero_point · Σw is folded into the bias and the padding left at 0."
    ),
    fix="Fill the padding with x_zero_point; a zero of the code is not a zero of the value.",
    symptom="only at the edges of an image",
    run=run,
    seen_in=("apache/tvm#4807", "apache/tvm#4816", "apache/tvm#13364", "pytorch/executorch#13576"),
    real=True,
)
