"""Pair sums saturate in an NCHW convolution: the pairs run over the kernel positions of a channel."""

from qref.errors import Unsupported
from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.mistakes.pair_sums_saturate import product
from qref.mistakes.products import INTEGER_CONVOLUTIONS, by_products, operands
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    """Either operand may be the unsigned one: im2col makes the weights the left factor of the matrix product."""
    check(request, INTEGER_CONVOLUTIONS)
    if operands(request).types[0] == operands(request).types[1]:
        raise Unsupported("operands of one type, the mistake is with uint8 and int8")
    return by_products(request, product, INTEGER_CONVOLUTIONS, channels_first=True)


MISTAKE = Mistake(
    name="pair-sums-saturate-channels-first",
    operators=INTEGER_CONVOLUTIONS,
    flags=("pair-saturation", "mixed-sign"),
    effect=(
        "As pair-sums-saturate, with the reduction in the order of im2col (channel, row, column): 255·127 + 255·127 = "
        "64770 becomes 32767. uint8 weights beside int8 x are hit as well, for they are the left factor."
    ),
    fix=(
        "Widen to 32 bits before the sum of two products (VPDPBUSD, or sign-extend and vpmaddwd), or keep the signed "
        "operand to 7 bits."
    ),
    symptom="only when sums overflow",
    run=run,
    seen_in=("microsoft/onnxruntime#6004", "microsoft/onnxruntime#5849"),
    real=True,
)
