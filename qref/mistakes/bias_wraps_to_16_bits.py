"""The bias loaded as 16 bits."""

from qref.mistakes.bias import bias_of, without_bias
from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import from_numbers, numbers
from qref.numerics.saturation import wrap
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    bias = wrap(bias_of(request), 16)
    accumulator = numbers(without_bias(request)).accumulator + bias
    return from_numbers(request, accumulator=accumulator)


MISTAKE = Mistake(
    name="bias-wraps-to-16-bits",
    operators=("QLinearConv",),
    flags=("bias",),
    effect="B = 40000 becomes −25536. Nothing shows inside ±32767.",
    fix="Load the bias as int32.",
    symptom="only when sums overflow",
    run=run,
)
