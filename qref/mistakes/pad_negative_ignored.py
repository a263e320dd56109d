"""Pad: negative pads taken for 0."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.padding import PAD, amounts, by_rule
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    added = {axis: (max(begin, 0), max(end, 0)) for axis, (begin, end) in amounts(request).items()}
    return by_rule(request, added=added)


MISTAKE = Mistake(
    name="pad-negative-ignored",
    operators=PAD,
    flags=("negative-pads",),
    effect="[1, 2, 3] with pads [−1, 0] stays [1, 2, 3] instead of [2, 3].",
    fix="Negative pads take elements away.",
    symptom="only in some shapes",
    run=run,
)
