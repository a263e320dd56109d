"""Binary-Weight Networks: each channel is a sign pattern times one scale.

Rastegari, Ordonez, Redmon, Farhadi, "XNOR-Net: ImageNet classification using binary convolutional neural networks",
2016, section 3.1: min ‖W − αB‖² over α and B ∈ {−1, +1}ⁿ is solved by

    B = sign(W)        α = Wᵀ sign(W) / n = ‖W‖₁ / n

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
    return np.where(W >= 0, 1, -1).astype(np.int8)


def scale(W: NDArray[np.float32]) -> Fraction:
    """α = ‖W‖₁ / n, exact; 0 for no weights at all."""
    return total(np.abs(W)) / W.size if W.size else Fraction(0)


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
