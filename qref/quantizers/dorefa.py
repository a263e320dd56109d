"""DoReFa-Net: weights, activations and gradients of few bits, and how gradients pass them.

Zhou, Wu, Ni, Zhou, Wen, Zou, "DoReFa-Net: training low bitwidth convolutional neural networks with low bitwidth
gradients", 2016 (arXiv 1606.06160v3), n = 2ᵏ − 1:

    section 2.2   quantizeₖ(r) = round(n·r) / n, its derivative taken for 1
    section 2.3   weights, k > 1: 2 quantizeₖ(tanh w / (2 max |tanh w|) + 1/2) − 1; k = 1: sign(w) · E|w|
    section 2.4   activations: quantizeₖ(clip(x, 0, 1))
    section 2.5   gradients: 2 M [quantizeₖ(dr / 2M + 1/2 + N(k)) − 1/2], M = max |dr| of one instance of the minibatch,
                  N(k) = σ / n, σ even in [−1/2, 1/2)

max and E are taken over the whole layer. 32 bits are float32, unchanged. Ties go to the even neighbour, as in the
authors' code (tensorpack, tf.round). [seed: DoReFa-Net]
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import InvalidInput
from qref.numerics.exact_totals import total
from qref.numerics.floats import float_format, nearest
from qref.numerics.philox import Stream
from qref.numerics.rounding import half_even
from qref.numerics.transcendental import WIDE, area_tangent, tangent
from qref.quantizers.descent import descend, exact
from qref.quantizers.encoded import Coded, Encoded, Scaled
from qref.quantizers.granularity import TENSOR, Granularity, matrix
from qref.quantizers.scheme import Scheme
from qref.quantizers.thresholds import at_least, passed
from qref.quantizers.weights import finite, largest_magnitude

FLOAT32 = float_format("float32")
UNCHANGED = 32
WIDTHS = (*range(1, 9), UNCHANGED)

Array = NDArray[np.float32]


def widths(bits: int) -> int:
    """n = 2ᵏ − 1. Raises InvalidInput for other bits than 1 to 8."""
    if not 1 <= bits <= 8:
        raise InvalidInput(f"bits {bits}: codes have 1 to 8 bits")
    return 2**bits - 1


def quantize(r: Fraction, bits: int) -> int:
    """c of quantizeₖ(r) = c/n: n·r rounded half to even."""
    scaled = widths(bits) * r
    return half_even(scaled.numerator, scaled.denominator)


# --- weights


@dataclass(frozen=True)
class DoReFa:
    """DoReFa's weights of 1 to 8 bits, for a whole layer."""

    bits: int
    granularity: Granularity = TENSOR

    def encode(self, W: Array, *, inputs: NDArray[Any] | None = None, stream: Stream | None = None) -> Encoded:
        """Codes 0 … n of the levels 2c/n − 1, which are not stored; of one bit the signs and the mean of |w|.

        Raises:
            InvalidInput: W is not float32 or not finite.
        """
        W = finite("W", W)
        if self.bits == 1:
            alpha = np.array([nearest(mean_magnitude(W), FLOAT32)], np.float32)
            return Scaled(np.where(W >= 0, 1, -1).astype(np.int8), alpha, TENSOR, width=1)
        return Coded(weight_codes(W, self.bits), levels(self.bits)[np.newaxis], TENSOR, self.bits, stored=False)


def levels(bits: int) -> Array:
    """2c/n − 1 for c = 0 … n, each rounded once."""
    n = widths(bits)
    return np.array([nearest(Fraction(2 * c - n, n), FLOAT32) for c in range(n + 1)], np.float32)


def mean_magnitude(W: Array) -> Fraction:
    """E|w| of the layer, exact; 0 for no weights at all."""
    return total(np.abs(W)) / W.size if W.size else Fraction(0)


def weight_codes(W: Array, bits: int) -> NDArray[np.uint8]:
    """round(n · (tanh w / (2 max |tanh w|) + 1/2)) of each weight, exact; in a layer of zeros that of a zero, n/2."""
    highest = largest_magnitude(W) or 1.0  # a zero has the same code under every maximum
    return passed(W, first_weights(highest, bits))


def first_weights(highest: float, bits: int) -> Array:
    """The smallest float32 of each code c = 1 … n under max |w| = `highest`.

    c begins where tanh w = tanh(highest) · ((2c − 1)/n − 1). No float32 but 0 lies exactly there (e^w is
    transcendental, Lindemann), and 0, which is a tie for every k > 1, goes to the even code, 2^(k−1).
    """
    n = widths(bits)
    with localcontext(WIDE):
        M = tangent(highest)
        bounds = [area_tangent(M * (2 * c - 1 - n) / n) for c in range(1, n + 1)]
    return np.array([at_least(Fraction(bound)) for bound in bounds], np.float32)


def weight_gradient(W: Array, g: Array, bits: int) -> list[Fraction]:
    """∂C/∂w from g = ∂C/∂(quantized w), to 100 digits, in C order.

    tanh and the maximum are derived, quantizeₖ counts as the identity.

    With t = tanh w, m = max |t|, which N weights reach:

        ∂C/∂wᵢ = (1 − tᵢ²) · (gᵢ/m − [|tᵢ| = m] · sign(tᵢ)/N · Σⱼ gⱼtⱼ / m²)

    For one bit and for 32 it is the gradient itself (E|w| counts as a constant).

    Raises:
        InvalidInput: a layer of zeros, where there is no derivative; NaN, infinity, shapes or bits that do not fit.
    """
    W, g = finite("W", W), finite("g", g)
    if bits in (1, UNCHANGED) or not W.size:
        return exact(g)
    widths(bits)
    if not W.any():
        raise InvalidInput("W is all zeros: tanh(w) / max |tanh w| has no derivative; give a layer with a weight")
    with localcontext(WIDE):
        return [Fraction(slope) for slope in _slopes(W.ravel().tolist(), g.ravel().tolist())]


def weight_step(W: Array, g: Array, bits: int, eta: float) -> tuple[Array, Array]:
    """∂C/∂W and W' = W − η ∂C/∂W, each rounded once."""
    slopes = weight_gradient(W, g, bits)
    rounded = np.array([nearest(slope, FLOAT32) for slope in slopes], np.float32).reshape(W.shape)
    return rounded, descend(W, slopes, eta)


def _slopes(w: list[float], gradient: list[float]) -> Iterator[Decimal]:
    t, g = [tangent(x) for x in w], [Decimal(x) for x in gradient]
    m, highest = max(abs(x) for x in t), max(abs(x) for x in w)
    reached = sum(abs(x) == highest for x in w)
    total_ = sum((a * b for a, b in zip(g, t, strict=True)), Decimal(0))
    for x, ti, gi in zip(w, t, g, strict=True):
        through_m = (total_ / (m * m * reached)).copy_sign(total_ * ti) if abs(x) == highest else Decimal(0)
        yield (1 - ti * ti) * (gi / m - through_m)


# --- activations


def activation_codes(x: Array, bits: int) -> NDArray[np.uint8]:
    """round(n · clip(x, 0, 1)), half to even; n·x is exact in float64."""
    clipped = np.clip(finite("x", x), 0, 1).astype(np.float64)
    return np.rint(widths(bits) * clipped).astype(np.uint8)


def activation(x: Array, bits: int) -> Array:
    """quantizeₖ(clip(x, 0, 1)), each quotient rounded once; x itself for 32 bits."""
    if bits == UNCHANGED:
        return finite("x", x).copy()
    n = widths(bits)
    values = np.array([nearest(Fraction(c, n), FLOAT32) for c in range(n + 1)], np.float32)
    found: Array = values[activation_codes(x, bits)]
    return found


def activation_gradient(x: Array, g: Array, bits: int) -> Array:
    """g = ∂C/∂(quantized x) where 0 ≤ x ≤ 1, 0 elsewhere; g itself for 32 bits."""
    x, g = finite("x", x), finite("g", g)
    if bits == UNCHANGED:
        return g.copy()
    widths(bits)
    return np.where((x >= 0) & (x <= 1), g, np.float32(0))


# --- gradients


def gradient_codes(dr: Array, bits: int, stream: Stream) -> NDArray[np.uint8]:
    """The code of each gradient, exact: quantizeₖ(dr / 2M + 1/2 + N(k)), a word an element in C order.

    M is that of the instance, an index of the first axis.
    """
    n = widths(bits)
    dr = finite("dr", dr)
    instances, words = dr.reshape(matrix(dr.shape)), stream.words(dr.size).reshape(matrix(dr.shape))
    codes = np.empty(instances.shape, np.uint8)
    for row, M in enumerate(maxima(dr).tolist()):
        for i, value in enumerate(instances[row].tolist()):
            codes[row, i] = quantize(noisy(Fraction(value), Fraction(M), n, int(words[row, i])), bits)
    return codes.reshape(dr.shape)


def noisy(value: Fraction, M: Fraction, n: int, word: int) -> Fraction:
    """dr / 2M + 1/2 + N(k), N(k) = σ/n, σ = word · 2⁻³² − 1/2; in an instance of zeros dr / 2M counts as 0."""
    share = value / (2 * M) if M else Fraction(0)
    sigma = Fraction(word, 2**32) - Fraction(1, 2)
    return share + Fraction(1, 2) + sigma / n


def maxima(dr: Array) -> Array:
    """M = max |dr| of each instance; 0 for one without elements."""
    found: Array = np.abs(dr.reshape(matrix(dr.shape))).max(axis=1, initial=0)
    return found


def gradient(dr: Array, bits: int, stream: Stream) -> Array:
    """2M · (c/n − 1/2) = M · (2c − n) / n, rounded once; dr itself for 32 bits."""
    if bits == UNCHANGED:
        return finite("dr", dr).copy()
    n = widths(bits)
    codes = gradient_codes(dr, bits, stream)
    rows = codes.reshape(matrix(dr.shape)).tolist()
    values = [
        nearest(Fraction(M) * Fraction(2 * c - n, n), FLOAT32)
        for M, row in zip(maxima(dr).tolist(), rows, strict=True)
        for c in row
    ]
    return np.array(values, np.float32).reshape(dr.shape)


DOREFA = Scheme(
    "dorefa",
    "levels even in [−1, 1] of tanh(w) / max |tanh w|; of one bit signs times the mean of |w|, a layer",
    lambda bits, granularity: DoReFa(bits, granularity),
    bits=tuple(range(1, 9)),
    usual=2,
    granularities=("tensor",),
)
