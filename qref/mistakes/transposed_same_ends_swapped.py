"""SAME_UPPER and SAME_LOWER of a transposed convolution swapped: an odd element is taken from the other end."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.transposed_convolution import TRANSPOSED
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OTHER = {"SAME_UPPER": "SAME_LOWER", "SAME_LOWER": "SAME_UPPER"}


def run(request: Request) -> list[Tensor]:
    check(request, TRANSPOSED)
    own = request.attributes.get("auto_pad", "NOTSET")
    return rerun(request, attributes={"auto_pad": OTHER[own]} if own in OTHER else {})


MISTAKE = Mistake(
    name="transposed-same-ends-swapped",
    operators=TRANSPOSED,
    flags=("same-upper", "same-lower"),
    effect=(
        "Stride 2 and kernel 3 make 2·D + 1 elements, of which SAME keeps 2·D: SAME_UPPER drops the last, not the "
        "first. Opset 1 prints the equation the wrong way round. Right where the padding is even."
    ),
    fix="From opset 11: pads_begin is ⌊total / 2⌋ for SAME_UPPER, ⌈total / 2⌉ for SAME_LOWER.",
    symptom="only in some shapes",
    run=run,
    seen_in=("microsoft/onnxruntime#8769", "onnx/onnx#1609", "robertknight/rten#1399"),
    real=True,
)
