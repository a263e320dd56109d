"""uint8 read as int8: codes from 128 on become negative."""

from qref.mistakes.integers_read_otherwise import read_as
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return read_as(request, "uint8", 8, signed=True)


MISTAKE = Mistake(
    name="uint8-read-as-int8",
    operators=("DequantizeLinear",),
    flags=("range-ends", "zero-point"),
    effect=(
        "uint8 200 with zero point 100 and scale 1 becomes −156 instead of 100. Right where x and zero point lie on "
        "one side of 128."
    ),
    fix="Convert uint8 as unsigned.",
    symptom="only in one number format",
    run=run,
)
