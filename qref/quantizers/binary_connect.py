"""BinaryConnect: weights are −1 or +1 while a network propagates, and real while it learns.

Courbariaux, Bengio, David, "BinaryConnect: training deep neural networks with binary weights during propagations",
2015, equations 1 to 3 and algorithm 1:

    deterministic  w_b = +1 if w ≥ 0, else −1
    stochastic     w_b = +1 with probability p = σ(w), else −1        σ(x) = clip((x + 1) / 2, 0, 1)
    step           w ← clip(w − η ∂C/∂w_b)                            to [−1, 1]

[seed: BinaryConnect, min ‖W − B‖², deterministic and stochastic binarization, the hard sigmoid]
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import InvalidInput
from qref.numerics.exact_sums import dot
from qref.numerics.floats import float_format, nearest
from qref.numerics.philox import Stream
from qref.quantizers.encoded import Coded
from qref.quantizers.granularity import TENSOR
from qref.quantizers.scheme import Scheme
from qref.quantizers.weights import finite

FLOAT32 = float_format("float32")
SIGNS = np.array([[-1, 1]], np.float32)
"""The codebook: bit 0 is −1, bit 1 is +1. It belongs to the scheme, so it is not stored."""


def hard_sigmoid(w: float) -> Fraction:
    """σ(w) = max(0, min(1, (w + 1) / 2)), exact."""
    return max(Fraction(0), min(Fraction(1), (Fraction(w) + 1) / 2))


def deterministic(W: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where w_b = +1: w ≥ 0, zeros of either sign included."""
    return W >= 0


def stochastic(W: NDArray[np.float32], words: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Where w_b = +1: u < σ(w), u = word·2⁻³², compared exactly; one word a weight, in C order.

    u < clip((w + 1) / 2, 0, 1) is 2u − 1 < w: of both sides float64 holds every bit. Beyond ±1 it is what the clip
    makes of it, for −1 ≤ 2u − 1 < 1.
    """
    u = words.reshape(W.shape).astype(np.float64) * 2.0**-32
    plus: NDArray[np.bool_] = 2 * u - 1 < W
    return plus


def binarized(W: NDArray[np.float32], stream: Stream | None = None) -> NDArray[np.float32]:
    """w_b, ±1: stochastic by the words of a stream, deterministic without one."""
    plus = deterministic(W) if stream is None else stochastic(W, stream.words(W.size))
    return np.where(plus, np.float32(1), np.float32(-1))


def backward(
    a: NDArray[np.float32], W_b: NDArray[np.float32], g: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Algorithm 1's backward propagation through a linear layer z = a W_bᵀ: ∂C/∂a = g W_b and ∂C/∂w_b = gᵀ a.

    Both use the binary weights that the forward pass used, not the real ones. Exact sums, rounded once to float32.

    Args:
        a: inputs [N, K]. W_b: [M, K]. g: ∂C/∂z [N, M].
    """
    inputs, weights, gradient = (x.astype(np.float64) for x in (a, W_b, g))
    return dot(gradient, weights, FLOAT32), dot(gradient.T, inputs, FLOAT32)


def step(W: NDArray[np.float32], g: NDArray[np.float32], eta: float) -> NDArray[np.float32]:
    """W' = clip(W − η g), W the real weights, g = ∂C/∂w_b: the exact difference rounded once, then clipped to ±1.

    A gradient passes the binarization as it is, for large weights too: the clip alone keeps them in reach.
    """
    pairs = zip(W.flat, g.flat, strict=True)
    updated = [nearest(Fraction(float(w)) - Fraction(eta) * Fraction(float(d)), FLOAT32) for w, d in pairs]
    return np.clip(np.array(updated, np.float32).reshape(W.shape), np.float32(-1), np.float32(1))


@dataclass(frozen=True)
class BinaryConnect:
    """One bit a weight and nothing else: ±1 has no scale."""

    random: bool = False

    def encode(
        self, W: NDArray[np.float32], *, inputs: NDArray[Any] | None = None, stream: Stream | None = None
    ) -> Coded:
        """Bits: 1 for +1.

        Raises:
            InvalidInput: W is not float32 or not finite; no stream for the stochastic one.
        """
        W = finite("W", W)
        if not self.random:
            plus = deterministic(W)
        elif stream is None:
            raise InvalidInput("stochastic BinaryConnect draws a word a weight: give a stream")
        else:
            plus = stochastic(W, stream.words(W.size))
        return Coded(plus.view(np.uint8), SIGNS, TENSOR, width=1, stored=False)


BINARY_CONNECT = Scheme(
    "binary-connect",
    "signs without a scale",
    lambda bits, granularity: BinaryConnect(),
    bits=(1,),
    usual=1,
    granularities=("tensor",),
)
BINARY_CONNECT_STOCHASTIC = Scheme(
    "binary-connect-stochastic",
    "random signs without a scale, +1 with the probability of the hard sigmoid",
    lambda bits, granularity: BinaryConnect(random=True),
    bits=(1,),
    usual=1,
    granularities=("tensor",),
    stream=True,
)
