"""K taken at every position, and its first ones used for a layer with strides."""

from dataclasses import replace

from qref.conv.geometry import Geometry
from qref.mistakes.altered_request import check
from qref.mistakes.binary_schemes import Array, window_mean, with_another_map
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("XnorActivation", "XnorConv")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)

    def every_position(x: Array, windows: Geometry) -> Array:
        K = window_mean(x, replace(windows, strides=(1,) * len(windows.strides)))
        outputs = windows.output(x.shape[2:])
        return K[(slice(None), slice(None), *(slice(n) for n in outputs))]

    return with_another_map(request, every_position)


MISTAKE = Mistake(
    name="xnor-map-ignores-strides",
    operators=OPERATORS,
    flags=("window-mean", "stride"),
    effect=(
        "With strides 2 and 3 output (1, 1) is scaled by the mean of the window at (1, 1) instead of (2, 3). "
        "Right with strides 1."
    ),
    fix="Give k the strides of the layer.",
    symptom="only in some shapes",
    run=run,
)
