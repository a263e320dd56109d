"""The scaled accumulator cut toward zero by a plain conversion to an integer."""

from fractions import Fraction

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, by_rule, hold, on_exact
from qref.numerics.formats import Integer
from qref.numerics.rounding import trunc
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def store(real: Fraction, zero_point: int, format: Integer) -> int:
    """2.7 → 2, −2.7 → −2."""
    return hold(trunc(real.numerator, real.denominator) + zero_point, format)


RULE = on_exact("truncates-instead-of-rounding", store)


def run(request: Request) -> list[Tensor]:
    return by_rule(request, RULE)


MISTAKE = Mistake(
    name="truncates-instead-of-rounding",
    operators=OPERATORS,
    flags=("near-tie", "tie"),
    effect=(
        "2.7 becomes 2 and −2.7 becomes −2 (right: 3 and −3): about half of all outputs are one too near to the "
        "zero point."
    ),
    fix="Round before converting: (int32_t)nearbyint(x), not (int32_t)x; _mm_cvtps_epi32, not _mm_cvttps_epi32.",
    symptom="nearly everywhere",
    run=run,
)
