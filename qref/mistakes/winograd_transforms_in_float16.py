"""Winograd's transforms in float16: F(4×4, 3×3) with everything between image and output in float16."""

import numpy as np

from qref.conv.geometry import Geometry
from qref.conv.winograd import winograd_4x4
from qref.mistakes.altered_convolution import by_sums, takes_winograd
from qref.mistakes.float_products import of_types
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import Array, convolved
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    of_types(request, ("float16",), ("Conv",))

    def in_float16(x: Array, w: Array, geometry: Geometry) -> Array:
        if not takes_winograd(x, w, geometry):
            return convolved(request, x, w, geometry)
        return winograd_4x4(x.astype(np.float16), w.astype(np.float16), geometry).astype(np.float64)

    return by_sums(request, in_float16)


MISTAKE = Mistake(
    name="winograd-transforms-in-float16",
    operators=("Conv",),
    flags=("float16", "tile-tail"),
    effect=(
        "The image's transform multiplies by up to 100 and the kernel's by 1/24: a pixel of 2048 under a kernel with "
        "one weight of 1 comes out as 2047, and pixels above 655 may become infinity. float32 is right."
    ),
    fix="Keep transformed tiles and sums in float32, or use F(2×2, 3×3), whose transform only adds four pixels.",
    symptom="only in one number format",
    run=run,
    seen_in=("ARM-software/ComputeLibrary#1154", "ROCm/rocm-libraries#3508", "Tencent/ncnn#1891"),
    real=True,
)
