"""Convolution with powers of two for weights: products are shifts.

A weight is w = s·2^e with a sign s ∈ {−1, 0, +1} (Zhou et al., "Incremental network quantization", 2017, section 2.1;
Elhoushi et al., "DeepShift", 2019; Miyashita, Lee, Murmann, "Convolutional neural networks using logarithmic data
representation", 2016, section 3.1, where the activations are the powers): Σ w·x = Σ s·(x shifted by e), a shift and an
addition a weight.

Shifting an integer to the right drops bits. So all shifts go to the left, by e − e₀ with e₀ the lowest exponent of the
layer: y = Σ s·(x << (e − e₀)), an exact integer, stands for Σ w·x = y·2^e₀. [seed: Logarithmic Quantization]
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.cost import Cost, Shapes
from qref.conv.geometry import Geometry
from qref.errors import InvalidInput

Array = NDArray[Any]
Sum = type[np.int32] | type[np.int64]


def shift(x: Array, w: Array, geometry: Geometry) -> NDArray[np.int32]:
    """y [N, M, o1, …] of x [N, C, D1, …] int8, uint8 or int16, and w [M, C/G, k1, …] of integers 0 and ±2^e."""
    return shifted(x, *powers(w), geometry)


def powers(w: Array) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Signs s and exponents e of numbers s·2^e, integers or floats; e is 0 where s is.

    Raises:
        InvalidInput: a number is no power of two, or one beyond 2^−128 … 2^127.
    """
    signs, exponents = np.empty(w.shape, np.int8), np.empty(w.shape, np.int8)
    for s, e, kernel in zip(signs, exponents, w):
        mantissa, above = np.frexp(kernel.astype(np.float64))  # ±2^e = ±½·2^(e+1)
        zero = mantissa == 0
        wrong = ~zero & ((np.abs(mantissa) != 0.5) | (above < -127) | (above > 128))
        if wrong.any():
            raise InvalidInput(f"a weight is {kernel[wrong][0]}: give 0 or ±2^e, e from −128 to 127")
        s[...], e[...] = np.sign(mantissa), np.where(zero, 0, above - 1)
    return signs, exponents


def shifted(
    x: Array,
    signs: NDArray[np.int8],
    exponents: NDArray[np.int8],
    geometry: Geometry,
    lowest: int = 0,
    sum_: Sum = np.int32,
) -> Array:
    """Weight by weight: each that is not zero adds its shifted pixels to its outputs, or takes them away.

    Args:
        x: [N, C, D1, …] int8, uint8 or int16. signs, exponents: [M, C/G, k1, …]; an exponent without a sign means
        nothing. lowest: e₀. sum_: the type of the sums.

    Returns:
        y [N, M, o1, …], of which Σ w·x is y·2^lowest.

    Raises:
        InvalidInput: as `fits`.
    """
    fits(x.dtype, signs, exponents, lowest, sum_)
    y = np.zeros((x.shape[0], signs.shape[0], *geometry.output(x.shape[2:])), sum_)
    M_g, C_g = len(signs) // geometry.group, signs.shape[1]
    for m, c, *tap in np.ndindex(*signs.shape):
        s, e = signs[(m, c, *tap)], exponents[(m, c, *tap)]
        if s == 0:
            continue
        outputs, pixels = geometry.along(tuple(tap), x.shape[2:])
        pixel = x[(slice(None), m // M_g * C_g + c, *pixels)]
        product = np.left_shift(pixel, int(e) - lowest, dtype=sum_)
        if s > 0:
            y[(slice(None), m, *outputs)] += product
        else:
            y[(slice(None), m, *outputs)] -= product
    return y


def fits(x: np.dtype[Any], signs: NDArray[np.int8], exponents: NDArray[np.int8], lowest: int, sum_: Sum) -> None:
    """Looks at the weights alone, so that no shift drops bits, and no image can take a sum beyond its type.

    Raises:
        InvalidInput: a sign other than −1, 0, +1; a weight below 2^lowest; an output channel for which the largest
            magnitude of x's type times Σ 2^(e − lowest) is beyond the sum's type.
    """
    ends = np.iinfo(x)
    largest = max(-int(ends.min), int(ends.max))
    for m, (s, e) in enumerate(zip(signs, exponents)):
        if s.size and max(int(s.max()), -int(s.min())) > 1:
            raise InvalidInput(f"signs of output channel {m} go from {s.min()} to {s.max()}: give −1, 0 or +1")
        of_weights = e[s != 0].astype(np.int64) - lowest
        if of_weights.min(initial=0) < 0:
            raise InvalidInput(f"an exponent is {of_weights.min() + lowest}, {lowest} is said to be the lowest")
        reach = largest * sum(int(count) << by for by, count in enumerate(np.bincount(of_weights)))
        if reach > np.iinfo(sum_).max:
            raise InvalidInput(
                f"sums of output channel {m} can reach {reach}: more than {np.dtype(sum_)} holds; "
                "give wider sums, or exponents closer together"
            )


def cost(shapes: Shapes) -> Cost:
    """A shift and an addition a weight that is not zero and output, no multiplication.

    Weights are a byte of sign and one of exponent.
    """
    total = math.prod(shapes.w)
    meetings = -(-shapes.touched * shapes.kept // max(total, 1))
    return Cost(
        multiplications=0,
        additions=meetings,
        bytes_read=shapes.input_bytes + 2 * total,
        bytes_written=shapes.output_bytes,
        workspace=0,
        weights=2 * total,
        shifts=meetings,
    )
