"""Bits that stand for −1 and +1 counted as 0 and 1: and with popcount alone, without the term of the zeros."""

from qref.errors import Unsupported
from qref.mistakes.few_bits import planes_of, read_otherwise
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = planes_of(request)
    if found.w_code.kind != "bipolar":
        raise Unsupported("w is not bipolar")
    return read_otherwise(request, found.x_code.factors, [1 << j for j in range(found.w_code.bits)], 0)


MISTAKE = Mistake(
    name="bipolar-bits-read-as-unsigned",
    operators=("BitSerialConv",),
    flags=("bipolar",),
    effect="popcount(x & w) counts what meets +1 and leaves out what meets −1: x = 3 with w = −1 gives 0.",
    fix="popcount(x & w) − popcount(x & ~w), plane by plane.",
    symptom="nearly everywhere",
    run=run,
)
