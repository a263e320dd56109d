"""int8 read as uint8: negative codes count 256 more."""

from qref.mistakes.integers_read_otherwise import read_as
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return read_as(request, "int8", 8, signed=False)


MISTAKE = Mistake(
    name="int8-read-as-uint8",
    operators=("DequantizeLinear",),
    flags=("range-ends", "zero-point"),
    effect="int8 −1 with scale 1 becomes 255. Right where x and zero point have one sign.",
    fix="Convert int8 as signed.",
    symptom="only negative values",
    run=run,
)
