"""Unsigned integers read as two's complement: their top plane counts −2^(n−1)."""

from qref.conv.bit_serial import Code
from qref.errors import Unsupported
from qref.mistakes.few_bits import planes_of, read_otherwise
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = planes_of(request)
    if "unsigned" not in (found.x_code.kind, found.w_code.kind):
        raise Unsupported("no operand is unsigned")
    x, w = (Code(code.bits, "signed") if code.kind == "unsigned" else code for code in (found.x_code, found.w_code))
    return read_otherwise(request, x.factors, w.factors, found.w_code.offset)


MISTAKE = Mistake(
    name="unsigned-top-plane-negative",
    operators=("BitSerialConv",),
    flags=("unsigned-codes",),
    effect="Activations of 2 bits, 0 to 3, are read as −2 to 1: 3 becomes −1.",
    fix="Only two's complement has a top plane that counts −2^(n−1).",
    symptom="only at the ends of the range",
    run=run,
)
