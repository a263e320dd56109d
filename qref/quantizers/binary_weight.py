"""Binary-Weight Networks: each channel is a sign pattern times one scale.

Rastegari, Ordonez, Redmon, Farhadi, "XNOR-Net: ImageNet classification using binary convolutional neural networks",
2016, section 3.1: min ‖W − αB‖² over α and B ∈ {−1, +1}ⁿ is solved by

    B = sign(W)        α = Wᵀ sign(W) / n = ‖W‖₁ / n

and the gradient with respect to W̃ = αB passes on to W as

    ∂C/∂W_i = ∂C/∂W̃_i (1/n + α ∂sign(W_i)/∂W_i)        ∂sign(r)/∂r = 1 where |r| ≤ 1, else 0

[seed: Binary-Weight Networks, min ‖W − BA‖², A = diag of the means of |w|]
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.numerics.exact_totals import total
from qref.numerics.floats import float_format, nearest
from qref.numerics.philox import Stream
from qref.quantizers.encoded import Scaled
from qref.quantizers.granularity import CHANNEL, Granularity
from qref.quantizers.scheme import Scheme
from qref.quantizers.weights import finite

FLOAT32 = float_format("float32")


def sign(W: NDArray[np.float32]) -> NDArray[np.int8]:
    """+1 where w ≥ 0, −1 elsewhere; either zero gives +1, as BinaryConnect's equation 1 and the seed have it."""
    return np.where(W >= 0, np.int8(1), np.int8(-1))


def scale(W: NDArray[np.float32]) -> Fraction:
    """α = ‖W‖₁ / n, exact; 0 for no weights at all."""
    return total(np.abs(W)) / W.size if W.size else Fraction(0)


def straight_through(r: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where ∂sign(r)/∂r is taken to be 1: |r| ≤ 1, both ends included."""
    return np.abs(r) <= 1


def gradient(w: NDArray[np.float32], g: NDArray[np.float32]) -> list[Fraction]:
    """∂C/∂W of one part from g = ∂C/∂W̃, exact: g_i (1/n + α) where |w_i| ≤ 1, g_i / n elsewhere."""
    alpha, n = scale(w), w.size
    return [Fraction(float(d)) * (Fraction(1, n) + alpha * int(inside)) for d, inside in zip(g, straight_through(w))]


def step(
    W: NDArray[np.float32], g: NDArray[np.float32], eta: float, granularity: Granularity = CHANNEL
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """∂C/∂W and W' = W − η ∂C/∂W, each an exact number rounded once. g: ∂C/∂W̃, of W's shape, contiguous."""
    G, updated = np.empty_like(W), np.empty_like(W)
    for w, d, G_w, new in zip(*(granularity.parts(x) for x in (W, g, G, updated))):
        exact = gradient(w, d)
        G_w[:] = [nearest(x, FLOAT32) for x in exact]
        new[:] = [nearest(Fraction(float(old)) - Fraction(eta) * x, FLOAT32) for old, x in zip(w, exact)]
    return G, updated


@dataclass(frozen=True)
class BinaryWeight:
    """BWN: one bit a weight, one scale a part (the paper's: a channel)."""

    granularity: Granularity = CHANNEL

    def encode(
        self, W: NDArray[np.float32], *, inputs: NDArray[Any] | None = None, stream: Stream | None = None
    ) -> Scaled:
        """Signs, and the mean of |w| of each part rounded once to float32.

        Raises:
            InvalidInput: W is not float32 or not finite.
        """
        W = finite("W", W)
        scales = [nearest(scale(w), FLOAT32) for w in self.granularity.parts(W)]
        return Scaled(sign(W), np.array(scales, np.float32), self.granularity, width=1)


BINARY_WEIGHT = Scheme(
    "bwn",
    "binary weights, one scale a channel: the mean of |w|",
    lambda bits, granularity: BinaryWeight(granularity),
    bits=(1,),
    usual=1,
    granularities=("channel", "tensor", "group"),
)
