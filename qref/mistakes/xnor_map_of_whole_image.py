"""One mean of |I| for a whole image in place of a map."""

import numpy as np

from qref.conv.geometry import Geometry
from qref.mistakes.altered_request import check
from qref.mistakes.binary_schemes import Array, with_another_map
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("XnorActivation", "XnorConv")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)

    def of_image(x: Array, windows: Geometry) -> Array:
        N, _, *space = x.shape
        means = np.abs(x.reshape(N, windows.group, -1)).mean(axis=2) if x.size else np.zeros((N, windows.group))
        shape = (N, windows.group, *windows.output(tuple(space)))
        return np.broadcast_to(means.reshape(*shape[:2], *[1] * len(space)), shape)

    return with_another_map(request, of_image)


MISTAKE = Mistake(
    name="xnor-map-of-whole-image",
    operators=OPERATORS,
    flags=("window-mean",),
    effect="Every window is scaled alike: where K is 1 on one side and 3 on the other, 2 stands on both.",
    fix="A mean for each window: K = A ∗ k.",
    symptom="nearly everywhere",
    run=run,
)
