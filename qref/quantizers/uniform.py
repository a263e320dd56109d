"""Uniform quantization with N bits: code b stands for the integer b, 0 to 2^N − 1.

[seed: N-bit Fixed point Quantization: HOW?, column "Uniform"]
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import InvalidInput
from qref.quantizers.weights import finite, known

MOST = 64


def largest(N: int) -> int:
    """2^N − 1, for N of 1 to 64. Raises InvalidInput for another N."""
    if not 1 <= N <= MOST:
        raise InvalidInput(f"a uniform code of {N} bits: 64-bit integers hold 1 to {MOST}")
    return (1 << N) - 1


def encode(x: NDArray[np.float32], N: int) -> NDArray[np.uint64]:
    """The code of the nearest integer, half to the even code; below 0 code 0, above 2^N − 1 the last.

    Raises:
        InvalidInput: x is not float32 or not finite, or N is not 1 to 64.
    """
    top = largest(N)
    whole = np.rint(np.maximum(finite("x", x), 0).astype(np.float64))
    above = whole >= float(top)  # float64 makes 2^N of 2^N − 1 for N > 53, where every float32 is an integer
    return np.where(above, np.uint64(top), np.where(above, 0.0, whole).astype(np.uint64))


def decode(codes: NDArray[Any], N: int) -> NDArray[np.uint64]:
    """The integer of each code: itself.

    Raises:
        InvalidInput: a code beyond 2^N − 1, or N is not 1 to 64.
    """
    known(codes, largest(N) + 1, f"of {N} bits")
    return codes.astype(np.uint64)
