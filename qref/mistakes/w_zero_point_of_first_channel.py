"""w_zero_point of the first channel: one a channel is given, the first is used for all."""

from qref.mistakes.altered_request import check, first_in, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import INTEGER_CONVOLUTIONS, POSITIONS
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, INTEGER_CONVOLUTIONS)
    return rerun(request, inputs=first_in(request, POSITIONS[request.op].right_zero_point))


MISTAKE = Mistake(
    name="w-zero-point-of-first-channel",
    operators=INTEGER_CONVOLUTIONS,
    flags=("per-channel", "zero-point"),
    effect=(
        "Kernels after the first are read with the first one's zero point: w = 100 in a channel with zero point 90 "
        "counts as 95 instead of 10 where channel 0 has 5."
    ),
    fix="Index w_zero_point by the output channel, as w_scale, or refuse what is not the same in all channels.",
    symptom="only with several channels, rows or blocks",
    run=run,
    seen_in=("microsoft/onnxruntime#8890", "microsoft/onnxruntime#28447"),
)
