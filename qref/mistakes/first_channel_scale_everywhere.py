"""The weight scale of the first output channel used for all of them."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, from_numbers, numbers
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    w_scale = numbers(request).w_scale
    return from_numbers(request, w_scale=w_scale.reshape(-1)[:1].reshape(()) if w_scale.size else w_scale)


MISTAKE = Mistake(
    name="first-channel-scale-everywhere",
    operators=OPERATORS,
    flags=("per-channel", "per-column"),
    effect="Channel 1 with scale 0.02 is requantized with channel 0's 0.01: 100 becomes 50. Channel 0 is right.",
    fix="Index the scale (or multiplier and shift) by the output channel.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
