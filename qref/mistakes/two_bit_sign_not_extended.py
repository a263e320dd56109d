"""Two-bit sign not extended: int2 codes are read as 0 to 3."""

from qref.mistakes.integers_read_otherwise import read_as
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return read_as(request, "int2", 2, signed=False)


MISTAKE = Mistake(
    name="two-bit-sign-not-extended",
    operators=("DequantizeLinear",),
    flags=("two-bit",),
    effect="int2 −1 with scale 1 becomes 3. Right where x and zero point have one sign.",
    fix="Extend the sign when two bits are unpacked: (code ^ 2) − 2.",
    symptom="only negative values",
    run=run,
)
