"""Floating point of any size: a sign, an exponent and a mantissa, every code a finite number.

    (−1)^S × 1.M × 2^(E − bias)        E = 0: (−1)^S × 0.M × 2^(1 − bias)

[seed: Fixed point Quantization, "(−1)^S × 1.M × 2^E"; IEEE 754-2019 sections 3.4 and 4.3.1; OCP Microscaling Formats
1.0 section 5.3.3, whose FP4, like these formats, has neither infinity nor NaN]
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import InvalidInput
from qref.numerics import floats
from qref.numerics.formats import Float
from qref.quantizers.weights import finite, known

LARGEST, SMALLEST = float(np.finfo(np.float32).max), 2.0**-149


def format_of(exponent_bits: int, mantissa_bits: int, bias: int | None = None) -> Float:
    """The format of so many bits; without a bias IEEE 754's, 2^(exponent_bits − 1) − 1.

    Raises:
        InvalidInput: no exponent bit, more than 16 bits in all, or numbers that float32 does not hold.
    """
    if exponent_bits < 1 or mantissa_bits < 0 or 1 + exponent_bits + mantissa_bits > 16:
        raise InvalidInput(
            f"a sign, {exponent_bits} exponent bits and {mantissa_bits} mantissa bits: give at least one exponent bit "
            "(without one it is fixed point), and 16 bits at most"
        )
    bias = (1 << (exponent_bits - 1)) - 1 if bias is None else bias
    lowest, highest = 1 - bias - mantissa_bits, (1 << exponent_bits) - 1 - bias
    if lowest < -149 or highest > 127:
        raise InvalidInput(f"numbers from 2^{lowest} to below 2^{highest + 1}: float32 holds 2^-149 to below 2^128")
    storage = np.uint8 if 1 + exponent_bits + mantissa_bits <= 8 else np.uint16
    return Float(f"e{exponent_bits}m{mantissa_bits}", exponent_bits, mantissa_bits, bias, "finite", storage)


def encode(x: NDArray[np.float32], format: Float) -> NDArray[np.uint16]:
    """The code of the number nearest to x, half to even; beyond the largest number the largest; −0 keeps its sign.

    With no mantissa bit every significand is odd, and a tie between two powers of two goes to the larger, as IEEE 754
    has it for one digit.

    Raises:
        InvalidInput: x is not float32 or not finite.
    """
    x = finite("x", x)
    rounded = floats.round_to(x.astype(np.float64), format)
    return floats.codes(np.clip(rounded, -format.highest, format.highest), format).astype(np.uint16)


def decode(codes: NDArray[Any], format: Float) -> NDArray[np.float32]:
    """The number of each code, exact.

    Raises:
        InvalidInput: a code of more bits than the format has.
    """
    known(codes, 1 << format.bits, f"of a format of {format.bits} bits")
    return floats.code_values(format)[codes].astype(np.float32)


def values(format: Float) -> NDArray[np.float32]:
    """Every number, in the order of the codes: 0 to the largest, then −0 to the least."""
    return floats.code_values(format).astype(np.float32)
