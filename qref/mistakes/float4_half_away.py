"""float4 half away: a tie between two codes goes to the larger magnitude."""

from qref.mistakes.float_codes import half_away, in_steps, with_quotient
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    return with_quotient(request, ("float4e2m1",), lambda values, format: in_steps(values, format, half_away))


MISTAKE = Mistake(
    name="float4-half-away",
    operators=("QuantizeLinear",),
    flags=("float4", "tie"),
    effect=(
        "0.25, 1.25, 2.5 and 5 become 0.5, 1.5, 3 and 6 instead of 0, 1, 2 and 4, whose mantissa bit is 0: a table of "
        "thresholds compared with ≥ does this."
    ),
    fix="Ties go to the code whose mantissa bit is 0: compare with > and ≥ in turn.",
    symptom="only at ties",
    run=run,
)
