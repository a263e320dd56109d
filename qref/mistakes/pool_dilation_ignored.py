"""Dilation of a pooling ignored: windows take neighbours, in an output of the right shape."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.pools import POOLS, windows
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, POOLS)
    found = windows(request)
    g = found.geometry
    if set(g.dilations) == {1}:
        return rerun(request)
    # as much padding at the end as gives all windows, of which the first are taken
    ways = enumerate(zip(found.output, found.image, g.strides, g.kernel, g.pads_begin, strict=True))
    ends = [max((o - 1) * s + k - length - begin, g.pads_end[i], 0) for i, (o, length, s, k, begin) in ways]
    together = {"auto_pad": None, "ceil_mode": None, "dilations": None, "pads": [*g.pads_begin, *ends]}
    first = (slice(None), slice(None), *(slice(o) for o in found.output))
    return [Tensor(y.dtype, np.ascontiguousarray(y.data[first])) for y in rerun(request, attributes=together)]


MISTAKE = Mistake(
    name="pool-dilation-ignored",
    operators=POOLS,
    flags=("dilation",),
    effect=(
        "Kernel 2 with dilation 2 on [1, 5, 2] takes the maximum of 1 and 5 instead of 1 and 2. Right without dilation."
    ),
    fix="Step through the image by the dilation between elements.",
    symptom="only in some shapes",
    run=run,
    seen_in=("xboot/libonnx#24", "sonos/tract#2847"),
    real=True,
)
