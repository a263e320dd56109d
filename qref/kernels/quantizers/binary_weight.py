"""BinaryWeight: signs and the sum of |w| in one pass, sums in float64."""

from typing import Any

import numpy as np
from numba import float32, int8, int64, njit, void
from numpy.typing import NDArray

from qref.kernels.quantizers.parts import begins
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.check import dtype
from qref.ops.operator import Operator
from qref.ops.qref import granularity as grain
from qref.ops.request import Request
from qref.quantizers.binary_weight import BinaryWeight
from qref.quantizers.encoded import Scaled
from qref.quantizers.weights import finite


@njit(void(float32[::1], int64[::1], int8[::1], float32[::1]), cache=True)
def signs(W: Any, begin: Any, B: Any, alpha: Any) -> None:
    """B[i] = sign(W[i]); alpha[p] the mean of |w| of part p, 0 for a part without weights."""
    for p in range(alpha.size):
        total = 0.0
        for i in range(begin[p], begin[p + 1]):
            B[i] = 1 if W[i] >= 0 else -1
            total += abs(np.float64(W[i]))
        n = begin[p + 1] - begin[p]
        alpha[p] = total / n if n else 0.0


def encode(scheme: BinaryWeight, W: NDArray[np.float32], **_: Any) -> Scaled:
    """What `scheme.encode(W)` gives, scales within their bound."""
    W = finite("W", W)
    begin = begins(scheme.granularity, W.shape)
    B, alpha = np.empty(W.shape, np.int8), np.empty(begin.size - 1, np.float32)
    signs(W.reshape(-1), begin, B.reshape(-1), alpha)
    return Scaled(B, alpha, scheme.granularity, width=1)


def binary_weight(request: Request, operator: Operator) -> tuple[Tensor, Tensor]:
    """BinaryWeight."""
    given = keywords(request, operator)
    [W] = request.inputs
    assert W is not None
    dtype("W", W, ("float32",))
    encoded = encode(BinaryWeight(grain.of(given.get("granularity", "channel"), given.get("group_size", 0))), W.data)
    return Tensor("int8", encoded.codes), Tensor("float32", encoded.scales)
