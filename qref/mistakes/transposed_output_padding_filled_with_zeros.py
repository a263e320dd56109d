"""Output padding filled with zeros: the added elements hold the bias alone, though the kernel reaches them."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.products import from_accumulator
from qref.mistakes.transposed_convolution import TRANSPOSED, all_sums, cut, output_padding, parts
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    given = parts(request)
    short = [length - added for length, added in zip(given.lengths, output_padding(request), strict=True)]
    inner = cut(all_sums(given), given.geometry.pads_begin, short)
    return from_accumulator(request, cut(inner, [0] * len(short), given.lengths))


MISTAKE = Mistake(
    name="transposed-output-padding-filled-with-zeros",
    operators=TRANSPOSED,
    flags=("output-padding",),
    effect=(
        "With pads and output_padding 1 the added element is one that the pads had taken away: kernel 3, stride 2, "
        "pads 1, 1 on [1] gives [w1, w2], not [w1, 0]. Right where nothing was taken away."
    ),
    fix="output_padding only says how long the output is; compute its elements as all the others.",
    symptom="only at the edges of an image",
    run=run,
    seen_in=("Tencent/ncnn#1122", "onnx/onnx#2333", "pytorch/pytorch#8816"),
)
