"""Global average channels last: the memory of [N, C, …] is taken for [N, …, C]."""

import numpy as np

from qref.mistakes.altered_request import check
from qref.mistakes.mistake import Mistake
from qref.mistakes.pools import image
from qref.numerics.exact_sums import mean
from qref.numerics.floats import decode, encode, float_format
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

GLOBAL = ("GlobalAveragePool",)


def run(request: Request) -> list[Tensor]:
    check(request, GLOBAL)
    x = image(request)
    N, C, *lengths = x.shape
    pixels = int(np.prod(lengths))
    terms = np.swapaxes(decode(x).reshape(N, pixels, C), 0, 1)
    y = mean(terms, np.array(pixels), float_format(x.dtype))
    return [encode(y.reshape(N, C, *[1] * len(lengths)), x.dtype)]


MISTAKE = Mistake(
    name="global-average-channels-last",
    operators=GLOBAL,
    flags=("global",),
    effect=(
        "Channels [1, 2] and [3, 4] should average to 1.5 and 3.5; every second number is taken: 2 and 3. Right for "
        "one channel and for one pixel."
    ),
    fix="Average over the axes behind the channel's, whichever layout the tensor has.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
