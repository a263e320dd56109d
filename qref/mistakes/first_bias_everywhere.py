"""The bias of the first output channel added to all of them."""

from qref.mistakes.altered_request import first_in, rerun
from qref.mistakes.bias import WITH_BIAS, bias_of
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import POSITIONS
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    bias_of(request, WITH_BIAS)
    at = POSITIONS[request.op].bias
    assert at is not None
    return rerun(request, inputs=first_in(request, at))


MISTAKE = Mistake(
    name="first-bias-everywhere",
    operators=WITH_BIAS,
    flags=("bias", "per-channel", "group"),
    effect="With B = [10, 500] channel 1 is computed with 10. Channel 0 is right.",
    fix="Index the bias by the output channel, with the group's offset.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
