"""Two's complement by planes that all count positive: −1 in n bits is 2^n − 1."""

from qref.errors import Unsupported
from qref.mistakes.few_bits import planes_of, read_otherwise
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = planes_of(request)
    if "signed" not in (found.x_code.kind, found.w_code.kind):
        raise Unsupported("no operand is in two's complement")
    x, w = (code.factors for code in (found.x_code, found.w_code))
    return read_otherwise(request, [abs(f) for f in x], [abs(f) for f in w], found.w_code.offset)


MISTAKE = Mistake(
    name="top-plane-counts-positive",
    operators=("BitSerialConv",),
    flags=("top-plane",),
    effect="The top plane counts +2^(n−1): in 4 bits −1 is read as 15.",
    fix="Subtract what the top plane of two's complement counts.",
    symptom="only negative values",
    run=run,
)
