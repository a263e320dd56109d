"""Cross term counts padding: zx · zw is added for every tap of a window, also those that lie in the padding."""

import numpy as np

from qref.conv.direct import direct
from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import INTEGER_CONVOLUTIONS, accumulate, from_accumulator, geometry_of, operands
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, INTEGER_CONVOLUTIONS)
    exact = accumulate(request, lambda a, b, zero_a, zero_b: (a - zero_a) @ (b - zero_b))
    found = operands(request)
    zero_w = np.broadcast_to(found.right_zero, found.right.shape)
    inside = direct(np.ones_like(found.left), zero_w, geometry_of(request))
    every = zero_w.sum(tuple(range(1, zero_w.ndim))).reshape(-1, *[1] * (exact.ndim - 2))
    return from_accumulator(request, exact + found.left_zero * (every - inside))


MISTAKE = Mistake(
    name="cross-term-counts-padding",
    operators=INTEGER_CONVOLUTIONS,
    flags=("padding", "zero-point"),
    effect=(
        "Sums over the image only, corrected by K·zx·zw with the full K: at the border each tap in the padding adds "
        "zx·zw, 15 with zx = 3 and zw = 5. Right inside, and wherever one of the two is 0."
    ),
    fix="Count the taps inside the image at each output position, or pad with zx and let all taps take part.",
    symptom="only at the edges of an image",
    run=run,
)
