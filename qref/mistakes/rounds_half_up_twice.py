"""Two rounding shifts, both with halves up, as TFLite's optimized kernels do."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, by_rule, hold
from qref.numerics.formats import integer
from qref.numerics.profiles import TFLITE_DOUBLE, Derived, Profile
from qref.numerics.saturation import wrap
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def apply(accumulator: int, derived: Derived, zero_point: int, dtype: str) -> int:
    """((acc · m + 2³⁰) >> 31), then (h + 2^(r−1)) >> r."""
    multiplier, shift = int(derived["multiplier"]), int(derived["shift"])
    shifted = wrap(accumulator << max(shift, 0), 32)
    high = (shifted * multiplier + (1 << 30)) >> 31
    right = max(-shift, 0)
    scaled = (high + (1 << (right - 1))) >> right if right else high
    return hold(scaled + zero_point, integer(dtype))


RULE = Profile("rounds-half-up-twice", "a mistake", TFLITE_DOUBLE.derive, apply)


def run(request: Request) -> list[Tensor]:
    return by_rule(request, RULE)


MISTAKE = Mistake(
    name="rounds-half-up-twice",
    operators=OPERATORS,
    flags=("double-rounding", "negative-tie", "tie", "shift-zero"),
    effect="−2.5 becomes −2 where TFLite's reference gives −3, 2.5 becomes 3 (right: 2); 2.4999 can become 3.",
    fix=(
        "Round once, to even; for TFLite's reference kernels make the second shift round half away from zero "
        "(vrshlq needs the fix-up of negative values)."
    ),
    symptom="only at ties",
    run=run,
)
