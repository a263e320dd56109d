"""GlobalAveragePool: the mean of each channel of each image.

ONNX GlobalAveragePool-22: "equivalent to AveragePool with kernel size equal to the spatial dimension of input tensor."
"""

import numpy as np

from qref.errors import NotFixed
from qref.numerics.exact_sums import mean
from qref.numerics.floats import decode, encode, float_format
from qref.numerics.tensor import Tensor
from qref.ops.bound import Bound
from qref.ops.check import require
from qref.ops.onnx.average_pool import of_mean
from qref.ops.onnx.float_types import listed, numbers
from qref.ops.operator import Operator


def global_average_pool(X: Tensor, *, opset: int = 22) -> Tensor:
    """The exact sum over all spatial dimensions, divided by their size and rounded once, [N, C, 1, …] of X's type.

    Args:
        X: [N, C, D1, …] float16, float32 or, from opset 22, bfloat16.

    Raises:
        InvalidInput: types or shapes that the text rejects.
        NotFixed: an image without pixels.
        Unsupported: float64.
    """
    x = numbers("X", X, listed(opset, (22, ["bfloat16"])))
    require(x.ndim >= 3, f"X has rank {x.ndim}: give [N, C, D1, …], one spatial dimension at least")
    if 0 in x.shape[2:]:
        raise NotFixed("X has no pixels: no text says what an average of nothing is")
    return encode(mean(pixels(x), np.array(np.prod(x.shape[2:])), float_format(X.dtype)), X.dtype)


def pixels(x: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """x [N, C, D1, …] → [D1·D2·…, N, C, 1, …]."""
    N, C, *image = x.shape
    return np.moveaxis(x.reshape(N, C, int(np.prod(image)), *[1] * len(image)), 2, 0)


def global_average_pool_bound(X: Tensor, *, opset: int = 22) -> list[Bound]:
    """The tolerance of a sum of as many terms as there are pixels, and one division."""
    y = global_average_pool(X, opset=opset)
    count = int(np.prod(X.shape[2:]))
    return [of_mean(y, pixels(np.abs(decode(X))), np.array(count), count + 2)]


GLOBAL_AVERAGE_POOL = Operator(
    "GlobalAveragePool",
    "",
    opsets=(1, 22),
    inputs=(1, 1),
    outputs=1,
    attributes={},
    function=global_average_pool,
    bound=global_average_pool_bound,
)
