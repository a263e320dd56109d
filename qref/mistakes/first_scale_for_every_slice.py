"""First scale for every slice: per-axis scale and zero point are read as if they were per tensor."""

from qref.mistakes.altered_request import first_in, rerun
from qref.mistakes.linear_granularity import LINEAR, SCALE, ZERO_POINT, require_per_axis
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    require_per_axis(request)
    return rerun(request, inputs=first_in(request, SCALE, ZERO_POINT))


MISTAKE = Mistake(
    name="first-scale-for-every-slice",
    operators=LINEAR,
    flags=("per-channel", "axis", "negative-axis"),
    effect=(
        "DequantizeLinear of [4, 4, 4] with scales [0.5, 2, 10] and zero points [0, 1, −1] gives [2, 2, 2] instead of "
        "[2, 6, 50]."
    ),
    fix="Index scale and zero point by the position along axis.",
    symptom="only with several channels, rows or blocks",
    run=run,
    seen_in=("sonos/tract#2849",),
    real=True,
)
