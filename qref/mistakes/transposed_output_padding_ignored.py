"""Output padding ignored: the output is as long as without it."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.transposed_convolution import TRANSPOSED
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, TRANSPOSED)
    return rerun(request, attributes={"output_padding": None})


MISTAKE = Mistake(
    name="transposed-output-padding-ignored",
    operators=TRANSPOSED,
    flags=("output-padding",),
    effect=(
        "3 pixels, kernel 3, stride 2, pads 1, 1 and output_padding 1 make 6 elements; without the attribute 5, and a "
        "skip connection of 6 fits no more."
    ),
    fix="Add output_padding to the length.",
    symptom="only in some shapes",
    run=run,
    seen_in=("ENOT-AutoDL/onnx2torch#41",),
)
