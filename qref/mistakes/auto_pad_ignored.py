"""auto_pad ignored: SAME_UPPER and SAME_LOWER pad nothing."""

from dataclasses import replace

from qref.conv.geometry import Geometry
from qref.mistakes.convolution_geometry import same, under
from qref.mistakes.integer_products import CONVOLUTIONS
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def unpadded(own: Geometry) -> Geometry:
    return replace(own, pads_begin=(0,) * len(own.kernel), pads_end=(0,) * len(own.kernel))


def run(request: Request) -> list[Tensor]:
    return under(request, unpadded, where=same)


MISTAKE = Mistake(
    name="auto-pad-ignored",
    operators=CONVOLUTIONS,
    flags=("same-upper", "same-lower"),
    effect=(
        "Only `pads` is read, so SAME pads nothing: a 416×416 image under a 3×3 kernel gives 414×414 instead of "
        "416×416."
    ),
    fix="Read auto_pad, or refuse a model that has it.",
    symptom="only in some shapes",
    run=run,
    seen_in=("pytorch/pytorch#27602", "Talmaj/onnx2pytorch#58"),
    real=True,
)
