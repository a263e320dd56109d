"""K from |Σ I| over channels in place of Σ |I|."""

import numpy as np

from qref.conv.geometry import Geometry
from qref.mistakes.altered_request import check
from qref.mistakes.binary_schemes import Array, by_groups, with_another_map
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("XnorActivation", "XnorConv")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)

    def magnitude_of_sum(x: Array, windows: Geometry) -> Array:
        N, C, *space = x.shape
        A = np.abs(x.reshape(N, windows.group, C // windows.group, *space).sum(axis=2))
        return by_groups(A, windows) / max(C // windows.group * int(np.prod(windows.kernel)), 1)

    return with_another_map(request, magnitude_of_sum)


MISTAKE = Mistake(
    name="xnor-map-from-magnitude-of-sum",
    operators=OPERATORS,
    flags=("window-mean",),
    effect="Channels of 3 and −3 have the mean magnitude 0 instead of 3. Right for one channel.",
    fix="Take magnitudes first: A = Σ |I| / c.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
