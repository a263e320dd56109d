"""Non-uniform quantization: code c stands for the value C_c of a codebook of up to 2^N values.

[seed: N-bit Fixed point Quantization: HOW?, column "Non-uniform"; the nearest value is the best one: Max, "Quantizing
for minimum distortion", 1960, boundaries halfway between outputs]
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import InvalidInput
from qref.quantizers.weights import finite, known


def encode(x: NDArray[np.float32], C: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The code of the value nearest to x; halfway the larger value; of equal values the first.

    Raises:
        InvalidInput: x or C is not float32 or not finite, or C has not 1 to 256 values.
    """
    x, C = finite("x", x), finite("codebook", C)
    if C.ndim != 1 or not 1 <= C.size <= 256:
        raise InvalidInput(f"a codebook of shape {list(C.shape)}: give 1 to 256 values")
    order, T = boundaries(C)
    return order[np.searchsorted(T, 2 * x.astype(np.float64), side="right")]


def boundaries(C: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """The codes by rising value, and between each two of them the least T: 2x ≥ T is nearer to the upper, or halfway.

    C_i + C_(i+1) need not be a float64; T is the least float64 not below it, which decides the same for every float32.
    """
    values, order = np.unique(C, return_index=True)  # the first of equal values
    a, b = values[:-1].astype(np.float64), values[1:].astype(np.float64)
    T = a + b
    big = np.where(np.abs(a) > np.abs(b), a, b)
    small = np.where(np.abs(a) > np.abs(b), b, a)
    lost = small - (T - big)  # Dekker: exact
    return order.astype(np.uint8), np.where(lost > 0, np.nextafter(T, np.inf), T)


def decode(codes: NDArray[Any], C: NDArray[np.float32]) -> NDArray[np.float32]:
    """C_c of each code.

    Raises:
        InvalidInput: a code beyond the codebook.
    """
    known(codes, C.size, f"in a codebook of {C.size} values")
    return C[codes]
