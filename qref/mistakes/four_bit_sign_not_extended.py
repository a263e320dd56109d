"""Four-bit sign not extended: int4 codes are read as 0 to 15."""

from qref.mistakes.integers_read_otherwise import read_as
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return read_as(request, "int4", 4, signed=False)


MISTAKE = Mistake(
    name="four-bit-sign-not-extended",
    operators=("DequantizeLinear",),
    flags=("four-bit",),
    effect="int4 −1 with scale 1 becomes 15. Right where x and zero point have one sign.",
    fix="Extend the sign when four bits are unpacked: (code ^ 8) − 8.",
    symptom="only negative values",
    run=run,
)
