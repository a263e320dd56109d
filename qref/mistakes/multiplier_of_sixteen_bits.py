"""The fixed-point multiplier reduced to 15 bits and a sign, the form that belongs to int64 accumulators."""

import math

from qref.mistakes.mistake import Mistake
from qref.mistakes.requantizing import OPERATORS, with_scale
from qref.numerics.fixed_point import quantize_multiplier
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def reduced(scale: float) -> float:
    """The scale with the multiplier that TFLite's int16 kernels use: (m + 2¹⁵) >> 16, at most 0x7FFF."""
    multiplier, exponent = quantize_multiplier(scale)
    fifteen_bits = min((multiplier + (1 << 15)) >> 16, 0x7FFF)
    return math.ldexp(fifteen_bits, exponent - 15)


def run(request: Request) -> list[Tensor]:
    return with_scale(request, reduced)


MISTAKE = Mistake(
    name="multiplier-of-sixteen-bits",
    operators=OPERATORS,
    flags=("near-tie", "multiplier-rounds-up"),
    effect=(
        "Scales carry a relative error up to 2⁻¹⁵: 1/7 becomes 18725 · 2⁻¹⁷, and 210000 / 7 comes out as 30001 in "
        "int16 (right: 30000); 8-bit outputs move near ties."
    ),
    fix="Use the 31-bit multiplier with 32-bit accumulators.",
    symptom="only near ties",
    run=run,
)
