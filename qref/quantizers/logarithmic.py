"""Logarithmic quantization with N bits: code 0 stands for 0, code c for 2^(c − 1): 0, 1, 2, 4, … 2^(2^N − 2).

[seed: N-bit Fixed point Quantization: HOW?, column "Logarithmic"]
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import InvalidInput
from qref.quantizers.weights import finite, known

MOST = 6


def largest(N: int) -> int:
    """2^(2^N − 2), for N of 1 to 6; 7 bits would need integers of 127 bits. Raises InvalidInput for another N."""
    if not 1 <= N <= MOST:
        raise InvalidInput(f"a logarithmic code of {N} bits reaches 2^(2^{N} − 2): 64-bit integers hold 1 to {MOST}")
    return 1 << ((1 << N) - 2)


def encode(x: NDArray[np.float32], N: int) -> NDArray[np.uint8]:
    """The code of the nearest value; halfway between two powers the larger, and 1/2 is 0; below 0 code 0.

    Nearest in value, not in the exponent: between 2^k and 2^(k+1) the boundary is 1.5·2^k, not √2·2^k.

    Raises:
        InvalidInput: x is not float32 or not finite, or N is not 1 to 6.
    """
    largest(N)
    return nearest_power(np.maximum(finite("x", x), 0), np.float32(1), (1 << N) - 1)


def decode(codes: NDArray[Any], N: int) -> NDArray[np.uint64]:
    """The integer of each code.

    Raises:
        InvalidInput: a code beyond 2^N − 1, or N is not 1 to 6.
    """
    largest(N)
    known(codes, 1 << N, f"of {N} bits")
    table = np.array([0, *(1 << (c - 1) for c in range(1, 1 << N))], np.uint64)
    return table[codes]


def nearest_power(x: NDArray[np.float32], lowest: np.float32, K: int) -> NDArray[np.uint8]:
    """The place of the nearest among 0, p, 2p, … 2^(K − 1)·p, p = lowest a power of two. x ≥ 0.

    Halfway between two powers: the larger, as IEEE 754 rounds to one digit; p/2: 0.
    """
    f, q = np.frexp(x.astype(np.float64))  # x = f·2^q, 1/2 ≤ f < 1
    power = q - 1 + (f >= 0.75)
    _, e = np.frexp(np.float64(lowest))
    c = np.clip(power - (int(e) - 1) + 1, 0, K)
    return np.where(2 * x.astype(np.float64) <= lowest, 0, np.maximum(c, 1)).astype(np.uint8)
