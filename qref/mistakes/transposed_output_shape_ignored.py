"""output_shape ignored: the output is as long as kernel, strides and pads make it."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.transposed_convolution import TRANSPOSED
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, TRANSPOSED)
    return rerun(request, attributes={"output_shape": None})


MISTAKE = Mistake(
    name="transposed-output-shape-ignored",
    operators=TRANSPOSED,
    flags=("output-shape",),
    effect="With stride 2 and kernel 3 on 2 pixels there are 5 elements where output_shape asks for 4.",
    fix="Compute the padding that leaves output_shape; it goes before pads.",
    symptom="only in some shapes",
    run=run,
)
