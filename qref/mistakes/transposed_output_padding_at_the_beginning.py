"""Output padding at the beginning: the added elements come before the output instead of behind it."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.products import from_accumulator
from qref.mistakes.transposed_convolution import TRANSPOSED, all_sums, cut, output_padding, parts
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    given = parts(request)
    begin = [b - added for b, added in zip(given.geometry.pads_begin, output_padding(request), strict=True)]
    return from_accumulator(request, cut(all_sums(given), begin, given.lengths))


MISTAKE = Mistake(
    name="transposed-output-padding-at-the-beginning",
    operators=TRANSPOSED,
    flags=("output-padding",),
    effect=(
        "Stride 2, kernel 1 and output_padding 1 on [1, 2] give [1, 0, 2, 0]; with the padding first [0, 1, 0, 2]. "
        "Right without output_padding."
    ),
    fix="output_padding makes the output longer at its end, and leaves its beginning where it is.",
    symptom="only in some shapes",
    run=run,
)
