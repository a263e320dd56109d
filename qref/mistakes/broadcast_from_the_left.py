"""Broadcasting from the left: the operand of lower rank is aligned with the first dimensions, not with the last."""

from qref.mistakes.elementwise import BINARY, with_trailing_ones
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return with_trailing_ones(request, (*BINARY, "PRelu"))


MISTAKE = Mistake(
    name="broadcast-from-the-left",
    operators=(*BINARY, "PRelu"),
    flags=("broadcast",),
    effect=(
        "[[1, 2], [3, 4]] + [10, 20] is [[11, 12], [23, 24]] instead of [[11, 22], [13, 24]]. Only where first and "
        "last dimension are of one length does it pass unnoticed; elsewhere the engine stops."
    ),
    fix="Align shapes at their ends: fill the shorter one with ones at the front.",
    symptom="only in some shapes",
    run=run,
)
