"""The bias of the first output channel added to all of them."""

from qref.mistakes.bias import bias_of, without_bias
from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import from_numbers, numbers
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    bias = bias_of(request)
    accumulator = numbers(without_bias(request)).accumulator + (bias[:1] if bias.size else bias)
    return from_numbers(request, accumulator=accumulator)


MISTAKE = Mistake(
    name="first-bias-everywhere",
    operators=("QLinearConv",),
    flags=("bias", "per-channel", "group"),
    effect="With B = [10, 500] channel 1 is computed with 10. Channel 0 is right.",
    fix="Index the bias by the output channel, with the group's offset.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
