"""QLinearConv: int8 direct convolution, then the fast requantization; xnnpack-fp32 at the end of each tile."""

import math

import numpy as np
from numpy.typing import NDArray

from qref.conv.geometry import Geometry
from qref.kernels.conv import int8_direct
from qref.kernels.conv.int8_direct import Fp32
from qref.kernels.conv.kernel import DIMENSIONS
from qref.kernels.int8_sums import convolution, fits
from qref.kernels.requantize import apply
from qref.numerics.formats import integer
from qref.numerics.profiles import Profile
from qref.numerics.tensor import Tensor
from qref.ops import keywords, rule
from qref.ops.onnx.auto_pad import geometry
from qref.ops.onnx.conv_integer import Convolve
from qref.ops.onnx.q_linear_conv import requantization
from qref.ops.operator import Operator
from qref.ops.requantization import Requantization
from qref.ops.request import Request


def q_linear_conv(request: Request, operator: Operator) -> Tensor:
    """QLinearConv by the request's rule, checked by the reference."""
    profile = rule(request)
    if profile.name == "xnnpack-fp32":
        found = checked(request, operator, nothing)
        if within_int32(request):
            return at_the_end_of_tiles(request, found, profile)
    return apply(checked(request, operator, convolution), profile)


def checked(request: Request, operator: Operator, convolve: Convolve) -> Requantization:
    """What the reference's requantization has to know, after its checks."""
    return requantization(*request.inputs, **keywords(request, operator), convolve=convolve)  # type: ignore[arg-type]


def nothing(
    x: NDArray[np.int64], w: NDArray[np.int64], windows: Geometry, z_x: NDArray[np.int64], z_w: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Sums that nobody reads."""
    return np.broadcast_to(np.int64(0), (x.shape[0], w.shape[0], *windows.output(x.shape[2:])))


def within_int32(request: Request) -> bool:
    """Whether no accumulator can leave int32, in as many dimensions as the tiles have."""
    w, B = request.inputs[3], request.inputs[8] if len(request.inputs) > 8 else None
    assert w is not None
    largest = 0 if B is None else int(np.abs(B.data.astype(np.int64)).max(initial=0))
    return len(w.shape) - 2 <= DIMENSIONS and fits(math.prod(w.shape[1:]), largest)


def at_the_end_of_tiles(request: Request, found: Requantization, profile: Profile) -> Tensor:
    """The output by the rule xnnpack-fp32."""
    x, _, z_x, w, _, z_w, _, _, B = (*request.inputs, None)[:9]
    assert x is not None
    assert w is not None
    assert z_x is not None
    assert z_w is not None
    format, derived = integer(found.dtype), found.derived(profile)
    if found.accumulator.size:
        # an output's type or zero point outside the domain is outside for every element
        profile.apply(0, derived[0], found.zero_point, found.dtype)
    scales = np.broadcast_to(np.array([one["scale"] for one in derived], np.float32), w.shape[:1])
    end = Fp32(scales, found.zero_point, format.lowest, format.highest, found.dtype)
    windows = geometry(x.shape, w.shape, **request.attributes)
    packed = int8_direct.pack(w.data, windows, z_w.data)
    bias = None if B is None else B.data
    y = int8_direct.int8_direct(x.data, packed, windows, z_x=int(z_x.data), bias=bias, end=end)
    return Tensor(found.dtype, y)
