"""QuantizeLinear with subnormal numbers flushed to zero (FTZ and DAZ set)."""

from qref.mistakes.float_shortcuts import flushed
from qref.mistakes.mistake import Mistake
from qref.mistakes.quantizing import quantization
from qref.numerics.floats import divide, round_to
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = quantization(request)
    T = found.division
    x, scale = (flushed(round_to(part, T), T) for part in (found.x, found.scale))
    return found.rounded(flushed(divide(x, scale, T), T))


MISTAKE = Mistake(
    name="quantize-flushes-subnormals",
    operators=("QuantizeLinear",),
    flags=("subnormal", "float16"),
    effect=(
        "x = 1.5 · 2⁻¹²⁷ with scale 2⁻¹²⁶ gives 0 (right: rint(0.75) = 1); in float16 everything below 6.1 · 10⁻⁵ "
        "is affected."
    ),
    fix="Leave FTZ and DAZ off around quantization, or compute float16 in float32.",
    symptom="only near ties",
    run=run,
)
