"""PRelu's slope laid along the last axis, whichever dimension it belongs to."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.float_products import two
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("PRelu",))
    slope = two(request)[1]
    long = sum(n != 1 for n in slope.shape) == 1
    return rerun(request, inputs={1: Tensor(slope.dtype, slope.data.reshape(-1))} if long else {})


MISTAKE = Mistake(
    name="p-relu-slope-along-the-last-axis",
    operators=("PRelu",),
    flags=("slope", "broadcast"),
    effect=(
        "x [3, 3] with slopes [3, 1], one a row: each column gets one. Right for slopes of one dimension; where the "
        "lengths differ the engine stops."
    ),
    fix="Broadcast the slope's shape as it is, ones included.",
    symptom="only in some shapes",
    run=run,
    seen_in=("apache/tvm#18658",),
)
