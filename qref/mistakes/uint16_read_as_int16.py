"""uint16 read as int16: codes from 32768 on become negative."""

from qref.mistakes.integers_read_otherwise import read_as
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return read_as(request, "uint16", 16, signed=True)


MISTAKE = Mistake(
    name="uint16-read-as-int16",
    operators=("DequantizeLinear",),
    flags=("sixteen-bit", "range-ends"),
    effect="uint16 65535 with scale 1 becomes −1. Right where x and zero point lie on one side of 32768.",
    fix="Convert uint16 as unsigned.",
    symptom="only in one number format",
    run=run,
)
