"""K without 1/(w·h): sums over a window of channel means."""

from qref.mistakes.altered_request import check
from qref.mistakes.binary_schemes import by_groups, with_another_map
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("XnorActivation", "XnorConv")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return with_another_map(
        request, lambda x, windows: by_groups(abs(x), windows) / max(x.shape[1] // windows.group, 1)
    )


MISTAKE = Mistake(
    name="xnor-map-not-divided",
    operators=OPERATORS,
    flags=("window-mean",),
    effect="Results of a 3×3 kernel are 9 times too large. Right for kernels of one tap.",
    fix="k = 1 / (w·h).",
    symptom="only in some shapes",
    run=run,
)
