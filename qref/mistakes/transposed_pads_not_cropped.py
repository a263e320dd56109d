"""Pads of a transposed convolution not cropped: the output keeps all that the pixels add up to."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.transposed_convolution import TRANSPOSED
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, TRANSPOSED)
    return rerun(request, attributes={"pads": None})


MISTAKE = Mistake(
    name="transposed-pads-not-cropped",
    operators=TRANSPOSED,
    flags=("transposed-padding",),
    effect=(
        "Pads take away from the output: 3 pixels, kernel 3, stride 1 and pads 1, 1 give 3 elements. Ignored, they "
        "give 5."
    ),
    fix="Take pads_begin elements from the beginning and pads_end from the end.",
    symptom="only in some shapes",
    run=run,
)
