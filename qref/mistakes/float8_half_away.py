"""float8 half away: a tie between two codes goes to the larger magnitude."""

from qref.mistakes.float_codes import half_away, in_steps, with_quotient
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.onnx.quantize_linear import FLOAT8
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return with_quotient(request, FLOAT8, lambda values, format: in_steps(values, format, half_away))


MISTAKE = Mistake(
    name="float8-half-away",
    operators=("QuantizeLinear",),
    flags=("float8", "tie"),
    effect=(
        "1.0625, between 1 and 1.125, becomes 1.125 in float8e4m3fn instead of 1, whose mantissa is even: half a step "
        "is added and the rest cut off."
    ),
    fix="Add half a step minus one unit plus the lowest kept bit, then cut: ties to even.",
    symptom="only at ties",
    run=run,
    seen_in=("onnx/onnx#5456",),
    real=True,
)
