"""ConvInteger: the sum over every tap that lies on the image, in up to three spatial dimensions."""

from typing import Any

import numpy as np
from numba import int64, njit, void
from numpy.typing import NDArray

from qref.conv.geometry import Geometry
from qref.errors import Unsupported
from qref.numerics.saturation import wrap
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.onnx.auto_pad import geometry
from qref.ops.onnx.conv_integer import accumulate
from qref.ops.operator import Operator
from qref.ops.request import Request

DIMENSIONS = 3
IMAGES = int64[:, :, :, :, ::1]


@njit(
    void(IMAGES, IMAGES, int64[::1], int64[::1], int64[::1], int64, IMAGES),
    cache=True,
)
def windows(x: Any, w: Any, strides: Any, dilations: Any, begin: Any, group: int, y: Any) -> None:
    """y[n, m, p] = Σ_c Σ_r x[n, g·C/G + c, s·p + d·r − begin] · w[m, c, r], taps beside the image left out."""
    M_g, C_g = w.shape[0] // group, w.shape[1]
    for n in range(y.shape[0]):
        for m in range(y.shape[1]):
            first = m // M_g * C_g
            for p0 in range(y.shape[2]):
                for p1 in range(y.shape[3]):
                    for p2 in range(y.shape[4]):
                        total = 0
                        for r0 in range(w.shape[2]):
                            i0 = p0 * strides[0] + r0 * dilations[0] - begin[0]
                            if i0 < 0 or i0 >= x.shape[2]:
                                continue
                            for r1 in range(w.shape[3]):
                                i1 = p1 * strides[1] + r1 * dilations[1] - begin[1]
                                if i1 < 0 or i1 >= x.shape[3]:
                                    continue
                                for r2 in range(w.shape[4]):
                                    i2 = p2 * strides[2] + r2 * dilations[2] - begin[2]
                                    if i2 < 0 or i2 >= x.shape[4]:
                                        continue
                                    for c in range(C_g):
                                        total += x[n, first + c, i0, i1, i2] * w[m, c, r0, r1, r2]
                        y[n, m, p0, p1, p2] = total


def convolve(x: NDArray[Any], w: NDArray[Any], geometry: Geometry) -> NDArray[Any]:
    """What `qref.conv.direct.direct` gives, on int64 operands. Raises Unsupported beyond three spatial dimensions."""
    n = x.ndim - 2
    if n > DIMENSIONS:
        raise Unsupported(f"a convolution in {n} dimensions: the fast path is for up to {DIMENSIONS}")
    absent = (1,) * (DIMENSIONS - n)

    def widened(values: tuple[int, ...], filler: int) -> NDArray[np.int64]:
        return np.array((filler,) * len(absent) + values, np.int64)

    output = geometry.output(x.shape[2:])
    y = np.zeros((x.shape[0], w.shape[0], *absent, *output), np.int64)
    windows(
        np.ascontiguousarray(x).reshape(*x.shape[:2], *absent, *x.shape[2:]),
        np.ascontiguousarray(w).reshape(*w.shape[:2], *absent, *w.shape[2:]),
        widened(geometry.strides, 1),
        widened(geometry.dilations, 1),
        widened(geometry.pads_begin, 0),
        geometry.group,
        y,
    )
    return y.reshape(x.shape[0], w.shape[0], *output)


def conv_integer(request: Request, operator: Operator) -> Tensor:
    """ConvInteger, checked by the reference."""
    keywords(request, operator)
    x, w, x_zero_point, w_zero_point = (*request.inputs, None, None)[:4]
    assert x is not None
    assert w is not None
    found = geometry(x.shape, w.shape, **request.attributes)
    exact = accumulate(x, w, x_zero_point, w_zero_point, found, convolve)
    return Tensor("int32", wrap(exact, 32).astype(np.int32))
