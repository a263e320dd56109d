"""First zero point for every slice: the scale is per axis, the zero point read as if it were per tensor."""

from qref.mistakes.altered_request import first_in, rerun
from qref.mistakes.linear_granularity import LINEAR, ZERO_POINT, require_per_axis
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    require_per_axis(request)
    return rerun(request, inputs=first_in(request, ZERO_POINT))


MISTAKE = Mistake(
    name="first-zero-point-for-every-slice",
    operators=LINEAR,
    flags=("per-channel", "zero-point"),
    effect=(
        "DequantizeLinear of [4, 4] with scales [1, 1] and zero points [0, 3] gives [4, 4] instead of [4, 1]. "
        "Symmetric quantization hides it."
    ),
    fix="Index the zero point as the scale.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
