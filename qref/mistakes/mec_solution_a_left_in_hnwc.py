"""MEC's solution A left in h-n-w-c: its one product for all images is never brought into the order n-h-w-c."""

import math

import numpy as np

from qref.conv.geometry import Geometry
from qref.conv.mec import takes_solution_a
from qref.mistakes.altered_convolution import with_right_sums
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import CONVOLUTIONS, Array
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def in_order_of_rows(y: Array, x: Array, w: Array, geometry: Geometry) -> Array:
    (N, M, *o_h, o_w), G, rows = y.shape, geometry.group, math.prod(x.shape[2:-1])
    lowered = N * o_w * rows * geometry.kernel[-1] * w.shape[1]
    if y.size == 0 or not takes_solution_a(o_w, y.size // G, lowered):
        return y
    groups = y.reshape(N, G, M // G, math.prod(o_h), o_w)
    hnwc = np.ascontiguousarray(groups.transpose(1, 3, 0, 4, 2))
    nhwc = hnwc.reshape(G, N, math.prod(o_h), o_w, M // G)
    return nhwc.transpose(1, 0, 4, 2, 3).reshape(y.shape)


def run(request: Request) -> list[Tensor]:
    return with_right_sums(request, in_order_of_rows)


MISTAKE = Mistake(
    name="mec-solution-a-left-in-hnwc",
    operators=CONVOLUTIONS,
    flags=("overlapping-rows", "batch"),
    effect=(
        "Row 0 of every image comes first, then row 1 of every image; read as n-h-w-c, image 0 of 2 images with 2 "
        "rows holds row 0 of both. Right for one image, for one row, and where solution B is taken."
    ),
    fix=(
        "Copy the result back, h-n-w-c to n-h-w-c, by way of the lowered matrix's space (algorithm 2, lines 14 to 19)."
    ),
    symptom="only in some shapes",
    run=run,
)
