"""Pad: 0 in place of the constant that is given."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.padding import PAD, amounts, by_rule
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return by_rule(request, added=amounts(request), zero=True)


MISTAKE = Mistake(
    name="pad-value-ignored",
    operators=PAD,
    flags=("pad-constant",),
    effect="constant_value 9.5: the padding is 0. Right without a constant and in other modes.",
    fix="Read constant_value, or the attribute `value` of opset 2.",
    symptom="only at the edges of an image",
    run=run,
)
