"""auto_pad ignored: SAME_UPPER and SAME_LOWER pad nothing."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.convolution_geometry import WINDOWS, same
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = (*WINDOWS, "ConvTranspose")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return rerun(request, attributes={"auto_pad": None} if same(request) else {})


MISTAKE = Mistake(
    name="auto-pad-ignored",
    operators=OPERATORS,
    flags=("same-upper", "same-lower"),
    effect=(
        "Only `pads` is read, so SAME pads nothing: a 416×416 image under a 3×3 kernel gives 414×414 instead of "
        "416×416."
    ),
    fix="Read auto_pad, or refuse a model that has it.",
    symptom="only in some shapes",
    run=run,
    seen_in=("pytorch/pytorch#27602", "Talmaj/onnx2pytorch#58", "apache/tvm#19450", "openvinotoolkit/openvino#32608"),
    real=True,
)
