"""Single rounding with a left shift of 31 or more: the right shift by total_shift − 1 is negative, hence undefined."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, by_rule, hold
from qref.numerics.fixed_point import quantize_multiplier
from qref.numerics.formats import integer
from qref.numerics.profiles import ONNX, Derived, Profile
from qref.numerics.saturation import wrap
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def derive(x_scale: float, w_scale: float, y_scale: float) -> Derived:
    """The exact scale, and TFLite's multiplier and shift."""
    multiplier, shift = quantize_multiplier(x_scale * w_scale / y_scale)
    return {**ONNX.derive(x_scale, w_scale, y_scale), "multiplier": multiplier, "shift": shift}


def apply(accumulator: int, derived: Derived, zero_point: int, dtype: str) -> int:
    """Right below a shift of 31; from there on the 64-bit right shift is done by its count's low six bits."""
    multiplier, shift = int(derived["multiplier"]), int(derived["shift"])
    if shift < 31:
        return ONNX.apply(accumulator, derived, zero_point, dtype)
    halves = wrap((accumulator * multiplier) >> ((30 - shift) & 63), 32)
    return hold(((halves + 1) >> 1) + zero_point, integer(dtype))


RULE = Profile("left-shift-of-31-undefined", "a mistake", derive, apply)


def run(request: Request) -> list[Tensor]:
    return by_rule(request, RULE)


MISTAKE = Mistake(
    name="left-shift-of-31-undefined",
    operators=OPERATORS,
    flags=("left-shift", "large-scale"),
    effect=(
        "With scale 2³⁰ (shift 31) an accumulator of 1 becomes 0 on processors that take the count modulo 64 "
        "(right: 127)."
    ),
    fix="Limit the shift to 30 (multiplier 2³¹ − 1, as TFLite does): everything but 0 saturates there.",
    symptom="only at the ends of the range",
    run=run,
    seen_in=("ARM-software/CMSIS-NN#114",),
    real=True,
)
