"""Stochastic quantization of binary weights (SQ-BWN): the filters that binarize well, drawn by roulette; the rest stay.

Dong, Ni, Li, Chen, Zhu, Su, "Learning accurate low-bit deep neural networks with stochastic quantization", 2017,
section 3. Of m filters W_i (rows), r·m are replaced by Q_i = α_i sign(W_i), those of Binary-Weight Networks:

    e_i = ‖W_i − Q_i‖₁ / ‖W_i‖₁        f_i = 1 / (e_i + ε)        p_i = f_i / Σ f

A filter is drawn with probability p_i, is taken out of the roulette, and the next one is drawn of what is left. Over
training r goes 50, 75, 87.5, 100 %. Forward and backward pass use the hybrid W̃ of both kinds of rows; the gradient with
respect to W̃ then updates the real W. [seed: SQ-BWN, in its tables of accuracy]
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from math import floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import InvalidInput
from qref.numerics.exact_totals import total
from qref.numerics.floats import float_format, nearest
from qref.numerics.philox import Stream
from qref.quantizers.binary_weight import scale, sign
from qref.quantizers.granularity import channels, matrix
from qref.quantizers.packed_codes import pack, packed_bits
from qref.quantizers.scheme import Scheme
from qref.quantizers.weights import finite

FLOAT32, FLOAT64 = float_format("float32"), float_format("float64")
EPSILON = Fraction(1, 10**7)
"""ε, which keeps the inverse of an error of 0 finite."""
SCHEDULE = (50.0, 75.0, 87.5, 100.0)
"""r in percent, as the paper raises it."""
UNIT = 1 << 60
"""f_i lies in [1/3, 10⁷], so its float64 is a multiple of 2⁻⁶⁰: roulette sums are integers."""


def error(w: NDArray[np.float32]) -> Fraction:
    """e = ‖w − α sign(w)‖₁ / ‖w‖₁ of one row, exact, α not rounded; 0 for a row of zeros.

    |w − α sign(w)| = ||w| − α|, and the deviations from a mean above and below it are equal: twice those above.
    """
    magnitude = np.abs(w)
    norm = total(magnitude)
    if norm == 0:
        return Fraction(0)
    alpha = norm / w.size
    above = magnitude[magnitude > nearest(alpha, FLOAT32)]
    level = magnitude[magnitude == np.float32(nearest(alpha, FLOAT32))]  # all of them on one side of α
    deviation = total(above) - above.size * alpha + max(total(level) - level.size * alpha, Fraction(0))
    return 2 * deviation / norm


def kept(ratio: float, rows: int) -> int:
    """How many rows stay real where `ratio` percent are to be quantized: ⌊(1 − r) m⌋."""
    return floor((1 - Fraction(ratio) / 100) * rows)


def roulette(errors: list[Fraction], count: int, words: NDArray[np.uint32]) -> list[int]:
    """The rows that are drawn, in their order: `count` of them, one word each.

    f_i is rounded once to float64, so that sums of it are exact. Draw d takes the first row j, of those not drawn yet,
    with u·Σf < f_1 + … + f_j, u = word_d·2⁻³².
    """
    f = [int(Fraction(nearest(1 / (e + EPSILON), FLOAT64)) * UNIT) for e in errors]
    drawn: list[int] = []
    for word in words[:count]:
        target = int(word) * sum(f)
        j = next(j for j, end in enumerate(accumulate(f)) if target < end << 32)
        drawn.append(j)
        f[j] = 0
    return drawn


def chosen_rows(W: NDArray[np.float32], ratio: float, stream: Stream) -> NDArray[np.bool_]:
    """Which rows are quantized, [m]."""
    rows = matrix(W.shape)[0]
    count = rows - kept(ratio, rows)
    words = stream.words(count)
    if count == rows:
        return np.ones(rows, np.bool_)
    chosen = np.zeros(rows, np.bool_)
    chosen[roulette([error(w) for w in channels(W)], count, words)] = True
    return chosen


@dataclass(frozen=True, eq=False)
class Hybrid:
    """Rows of signs with a scale, and rows that stay float32.

    shape: the tensor's. chosen: [m], which rows are signs. codes: ±1 [q, K] and scales [q] of those q rows, in order.
    rest: float32 [m − q, K], the other rows. Stored are a bit a row, a bit a sign, scales, and the rest.
    """

    shape: tuple[int, ...]
    chosen: NDArray[np.bool_]
    codes: NDArray[np.int8]
    scales: NDArray[np.float32]
    rest: NDArray[np.float32]

    @property
    def bits(self) -> int:
        signs = packed_bits(self.chosen.size, 1) + packed_bits(self.codes.size, 1)
        return signs + 32 * (self.scales.size + self.rest.size)

    def decode(self) -> NDArray[np.float32]:
        """W̃: α_i sign(W_i) in the rows that were drawn, W_i in the others."""
        W = np.empty(matrix(self.shape), np.float32)
        W[self.chosen] = self.codes * self.scales[:, np.newaxis]
        W[~self.chosen] = self.rest
        return W.reshape(self.shape)

    def packed(self) -> bytes:
        signs = pack(self.chosen, 1) + pack(self.codes > 0, 1)
        return signs + self.scales.astype("<f4").tobytes() + self.rest.astype("<f4").tobytes()


def hybrid(W: NDArray[np.float32], chosen: NDArray[np.bool_]) -> Hybrid:
    """The rows that are chosen as Binary-Weight Networks have them, the others as they are."""
    rows = W.reshape(matrix(W.shape))
    signs = rows[chosen]
    scales = np.array([nearest(scale(w), FLOAT32) for w in signs], np.float32)
    return Hybrid(W.shape, chosen, sign(signs), scales, rows[~chosen])


@dataclass(frozen=True)
class StochasticQuantization:
    """SQ-BWN at one point of its schedule: `ratio` percent of the filters are binary. At 100 it is BWN."""

    ratio: float = SCHEDULE[0]

    def __post_init__(self) -> None:
        if not 0 <= self.ratio <= 100:
            raise InvalidInput(f"ratio is {self.ratio}: give the percentage of rows to quantize, 0 to 100")

    def encode(
        self, W: NDArray[np.float32], *, inputs: NDArray[Any] | None = None, stream: Stream | None = None
    ) -> Hybrid:
        """The rows drawn as signs and scales, the others as they are.

        Raises:
            InvalidInput: W is not float32 or not finite; no stream.
        """
        W = finite("W", W)
        if stream is None:
            raise InvalidInput("stochastic quantization draws a word a row: give a stream")
        return hybrid(W, chosen_rows(W, self.ratio, stream))


SQ_BWN = Scheme(
    "sq-bwn",
    "half of the filters, drawn by roulette, as binary weights; the others stay real",
    lambda bits, granularity: StochasticQuantization(),
    bits=(1,),
    usual=1,
    granularities=("channel",),
    stream=True,
)
