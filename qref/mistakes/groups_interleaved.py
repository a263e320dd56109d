"""Groups interleaved: output channel m belongs to group m mod group."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import CONVOLUTIONS, convolved, from_accumulator, geometry_of, operands
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, CONVOLUTIONS)
    found, geometry = operands(request), geometry_of(request)
    M, G = found.right.shape[0], geometry.group
    # kernels brought together by group, convolved rightly, and their outputs put back
    order = np.argsort(np.arange(M) % G, kind="stable")
    y = convolved(request, found.left - found.left_zero, (found.right - found.right_zero)[order], geometry)
    accumulator = np.empty_like(y)
    accumulator[:, order] = y
    return from_accumulator(request, accumulator)


MISTAKE = Mistake(
    name="groups-interleaved",
    operators=CONVOLUTIONS,
    flags=("group", "depthwise"),
    effect=(
        "With group 2 and M = 4, output channels 0, 1 should read group 0 and 2, 3 group 1; channels 1 and 2 read the "
        "other's. Right for M = group (depthwise with multiplier 1)."
    ),
    fix="Output channel m belongs to group ⌊m / (M/group)⌋.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
