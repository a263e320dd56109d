"""PRelu's one-dimensional slope laid along axis 1, the channels, as in Caffe."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.float_products import two
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("PRelu",))
    x, slope = two(request)
    by_channel = len(slope.shape) == 1 and len(x.shape) > 2 and slope.shape[0] == x.shape[1]
    shaped = slope.data.reshape(-1, *[1] * (len(x.shape) - 2))
    return rerun(request, inputs={1: Tensor(slope.dtype, shaped)} if by_channel else {})


MISTAKE = Mistake(
    name="p-relu-slope-by-channel",
    operators=("PRelu",),
    flags=("slope", "broadcast"),
    effect=(
        "x [1, 3, 2, 3] with slopes [3]: they multiply channels instead of columns. Right where the last dimension "
        "differs from the number of channels."
    ),
    fix="Align the slope with the last dimension; one slope a channel has shape [C, 1, 1].",
    symptom="only in some shapes",
    run=run,
    seen_in=("openvinotoolkit/openvino#35958",),
    real=True,
)
