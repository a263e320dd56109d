"""Incremental network quantization: weights become powers of two or zero, the largest first, the rest trains on.

Zhou, Yao, Guo, Xu, Chen, "Incremental network quantization: towards lossless CNNs with low-precision weights", 2017,
for a layer W and b bits:

    equations 2, 3   s = max |W|, n₁ = ⌊log₂(4s/3)⌋, n₂ = n₁ + 1 − 2^(b−1)/2
    equation 1       P = {±2^n₁, …, ±2^n₂, 0}
    equation 4       w becomes β·sgn(w) where (α + β)/2 ≤ |w| < 3β/2, α < β neighbours in P, α = 0 below 2^n₂; else 0
    equation 8       W ← W − γ · ∂E/∂W · T, T = 0 where a weight is frozen
    algorithm 1      step n: of the weights that are not frozen the largest are, until σₙ of all are; then P from W, and
                     the frozen weights by equation 4

[seed: incremental quantization; Zhou 2017 sections 2.1 to 2.3]
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import InvalidInput
from qref.numerics.floats import float_format, floor_log2, nearest
from qref.numerics.philox import Stream
from qref.quantizers.descent import descend, exact
from qref.quantizers.encoded import Coded
from qref.quantizers.granularity import TENSOR, Granularity
from qref.quantizers.scheme import Scheme
from qref.quantizers.thresholds import at_least, passed
from qref.quantizers.weights import finite, largest_magnitude

FLOAT32 = float_format("float32")
PORTIONS = (Fraction(1, 2), Fraction(3, 4), Fraction(7, 8), Fraction(1))  # σ of figure 2, VGG-16 and ResNet-18

Weights = NDArray[np.float32]
Mask = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class PowersOfTwo(Coded):
    """Codes of P, whose codebook follows from n₁ and the width: n₁ is stored, 16 bits.

    Code 0 is 0; with K = 2^(b−2), code 1 + j is 2^(n₁−j) and code 1 + K + j is −2^(n₁−j), j = 0 … K − 1.
    """

    n1: int = 0

    @property
    def bits(self) -> int:
        return super().bits + 16

    def packed(self) -> bytes:
        return super().packed() + int(self.n1).to_bytes(2, "little", signed=True)


@dataclass(frozen=True)
class Incremental:
    """The layer after the last step: every weight a power of two or zero."""

    bits: int
    granularity: Granularity = TENSOR

    def encode(self, W: Weights, *, inputs: NDArray[Any] | None = None, stream: Stream | None = None) -> PowersOfTwo:
        """Codes of P for all weights.

        Raises:
            InvalidInput: W is not float32, not finite, or has |w| ≥ 1.5 · 2¹²⁷, for which 2¹²⁸ would be needed.
        """
        W = finite("W", W)
        n1 = largest_exponent(W)
        books = codebook(n1, self.bits)[np.newaxis]
        return PowersOfTwo(codes(W, n1, self.bits), books, TENSOR, self.bits, stored=False, n1=n1)


def largest_exponent(W: Weights) -> int:
    """n₁ = ⌊log₂(4s/3)⌋, exact: the largest n with 2ⁿ ≤ 4s/3; 0 for a layer without a weight that is not 0."""
    s = Fraction(largest_magnitude(W))
    n1 = floor_log2(4 * s / 3) if s else 0
    if n1 > 127:
        raise InvalidInput(f"max |W| is {float(s):g}: 2^{n1} is no float32; scale the layer down")
    return n1


def magnitudes(n1: int, bits: int) -> list[Fraction]:
    """2^n₁ down to 2^n₂, exact. Raises InvalidInput for other bits than 2 to 8."""
    if not 2 <= bits <= 8:
        raise InvalidInput(f"bits {bits}: codes of powers of two have 2 to 8 bits")
    return [Fraction(2) ** (n1 - j) for j in range(2 ** (bits - 2))]


def codebook(n1: int, bits: int) -> Weights:
    """P in the order of the codes, 2^(b−1) + 1 values; powers that float32 has not, and no weight takes, are 0."""
    powers = [nearest(power, FLOAT32) for power in magnitudes(n1, bits)]
    return np.array([0.0, *powers, *(-power for power in powers)], np.float32)


def codes(W: Weights, n1: int, bits: int) -> NDArray[np.uint8]:
    """Equation 4: the code of each weight; |w| ≥ 1.5 · 2^n₁ does not occur where n₁ is that of W."""
    rising = magnitudes(n1, bits)[::-1]
    K = len(rising)
    first = np.array([at_least((alpha + beta) / 2) for alpha, beta in pairwise([Fraction(0), *rising])], np.float32)
    # what is −(α + β)/2 itself is −β: the next number beyond is the first of the interval above
    ascending = np.concatenate([np.nextafter(-first[::-1], np.float32(0)), first])
    in_order = np.array([*range(1 + K, 1 + 2 * K), 0, *range(K, 0, -1)], np.uint8)  # from −2^n₁ to 2^n₁
    return in_order[passed(W, ascending)]


def partition(W: Weights, frozen: Mask, count: int) -> Mask:
    """Weight partition by magnitude: of the weights that are not frozen the largest |w| join, until `count` are frozen.

    Of equal magnitudes the first in C order. T of equation 8 is 1 where the mask is 0.

    Raises:
        InvalidInput: count below the number of frozen weights, or above that of all.
    """
    held = frozen.reshape(-1) != 0
    already = int(held.sum())
    if not already <= count <= held.size:
        raise InvalidInput(f"count {count}: {already} of {held.size} weights are frozen; give a number between")
    order = np.argsort(np.where(held, np.float32(1), -np.abs(W.reshape(-1))), kind="stable")
    held[order[: count - already]] = True
    return held.astype(np.uint8).reshape(W.shape)


def freeze(W: Weights, frozen: Mask, count: int, bits: int) -> tuple[Weights, Mask]:
    """One step of algorithm 1, lines 4 to 6: the mask grown to `count` weights, and W with these by equation 4.

    n₁ is taken from all of W, as equation 3 has it. Weights that are not frozen stay as they are.

    Raises:
        InvalidInput: as `partition`, `Incremental.encode`.
    """
    W = finite("W", W)
    mask = partition(W, frozen, count)
    n1 = largest_exponent(W)
    quantized = codebook(n1, bits)[codes(W, n1, bits)]
    return np.where(mask != 0, quantized, W), mask


def counts(size: int, portions: Sequence[Fraction] = PORTIONS) -> list[int]:
    """How many of `size` weights are frozen after each step: ⌈σₙ · size⌉."""
    return [-(-size * portion.numerator // portion.denominator) for portion in portions]


def step(W: Weights, g: Weights, frozen: Mask, gamma: float) -> Weights:
    """Equation 8: W' = W − γ g, g = ∂E/∂W, rounded once, where a weight is not frozen; frozen ones keep their bits."""
    W = finite("W", W)
    return np.where(frozen != 0, W, descend(W, exact(finite("g", g)), gamma))


INCREMENTAL = Scheme(
    "inq",
    "powers of two and zero, the largest from max |w| of a layer",
    lambda bits, granularity: Incremental(bits, granularity),
    bits=tuple(range(2, 9)),
    usual=5,
    granularities=("tensor",),
)
