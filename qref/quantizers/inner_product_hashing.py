"""Binary Weight Networks via Hashing (BWNH): signs and scales that keep a layer's outputs, not its weights.

Hu, Wang, Cheng, "From Hashing to CNNs: Training Binary Weight Networks via Hashing", AAAI 2018: weights are hashed so
that inner products with what the layer is fed with are preserved,

    min ‖S − XᵀBA‖²        S = XᵀW, B ∈ {−1, +1}, A = diag(α)

the inputs themselves staying real. B for fixed A and A for fixed B are improved in turn. Channels are independent; of
channel w with signs b and inputs X [samples, K], and the Gram matrix G = XᵀX,

    b_j = sign(α·((Gw)_j − α·Σ_{i≠j} G_ji·b_i))      one coordinate after the other, the others as they are now
    α = bᵀGw / bᵀGb = (Xb)ᵀ(Xw) / ‖Xb‖²

[seed: Binary Weight Network via Hashing, min ‖S − h(X)ᵀg(W)‖², S = XᵀW]
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import InvalidInput
from qref.numerics.floats import float_format, nearest
from qref.numerics.philox import Stream
from qref.numerics.whole_numbers import STEP, Whole, coarsest, exact_in_float32, whole
from qref.quantizers.binary_weight import scale as mean_magnitude
from qref.quantizers.binary_weight import sign
from qref.quantizers.encoded import Scaled
from qref.quantizers.granularity import CHANNEL, matrix
from qref.quantizers.scheme import Scheme
from qref.quantizers.weights import finite

FLOAT32 = float_format("float32")
SWEEPS = 100  # over the coordinates of a channel, if signs still change

Signs = NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class Decision:
    """Coordinate j of a channel: `gain` has the sign that b_j gets, 0 keeps it; b and α as they stand before it."""

    j: int
    gain: int
    b: Signs
    alpha: Fraction


def hashing(G: Whole, v: Whole, b: Signs, alpha: Fraction) -> Iterator[Decision]:
    """All decisions of a channel in their order; b is changed in place, and α of the last one is the result.

    Args:
        G: XᵀX [K, K], v: Gw [K], exact. b, alpha: where to begin, signs [K] and a scale in the unit of w.
    """
    h = G @ b
    for _ in range(SWEEPS):
        before, begin = b.copy(), alpha
        p, q = alpha.as_integer_ratio()
        for j in range(b.size):
            others = h[j] - G[j, j] * int(b[j])
            gain = p * (q * v[j] - p * others)  # of the sign of α·(v_j − α·others)
            yield Decision(j, gain, b, alpha)
            chosen = int(np.sign(gain)) or int(b[j])
            if chosen != b[j]:
                h = h + 2 * chosen * G[:, j]
                b[j] = chosen
        alpha = scale(G, v, b, alpha)
        if alpha == begin and np.array_equal(b, before):
            break
    yield Decision(-1, 0, b, alpha)


def scale(G: Whole, v: Whole, b: Signs, alpha: Fraction) -> Fraction:
    """α = bᵀGw / bᵀGb; what it was where Xb = 0 and every α is as good."""
    energy = int(b @ (G @ b)) if b.size else 0
    return Fraction(int(b @ v), energy) if energy else alpha


def given_inputs(W: NDArray[np.float32], inputs: NDArray[Any] | None) -> NDArray[np.float32]:
    """The inputs X [samples, K]. Raises InvalidInput for none, for another shape, or numbers that are not finite."""
    K = matrix(W.shape)[1]
    if inputs is None:
        raise InvalidInput(f"inputs are missing: give what the layer is fed with, [samples, {K}]")
    if inputs.ndim != 2 or inputs.shape[1] != K:
        raise InvalidInput(f"inputs have shape {list(inputs.shape)}: give [samples, {K}]")
    return finite("inputs", inputs)


@dataclass(frozen=True, eq=False)
class Problem:
    """W [M, K] and X [samples, K] as whole numbers: w = W·unit, x = X·(a unit that does not matter)."""

    W: Whole
    X: Whole
    G: Whole
    unit: Fraction

    @classmethod
    def of(cls, W: NDArray[np.float32], X: NDArray[np.float32]) -> "Problem":
        w, x = whole(W.reshape(matrix(W.shape))), whole(X)
        step = coarsest(w)
        w, x = w // step, x // coarsest(x)
        return cls(w, x, x.T @ x if x.size else np.zeros((x.shape[1],) * 2, object), STEP * step)

    def decisions(self, channel: int, W: NDArray[np.float32]) -> Iterator[Decision]:
        """Those of a channel, from BWN's signs and scale on."""
        w = W.reshape(self.W.shape)[channel]
        return hashing(self.G, self.G @ self.W[channel], sign(w), mean_magnitude(w) / self.unit)


@dataclass(frozen=True)
class InnerProductHashing:
    """BWNH: one bit a weight, one scale a channel, chosen by the layer's outputs on given inputs."""

    def encode(
        self, W: NDArray[np.float32], *, inputs: NDArray[Any] | None = None, stream: Stream | None = None
    ) -> Scaled:
        """Signs and scales at which neither changes any more, the scales rounded once to float32.

        Raises:
            InvalidInput: W or inputs are not float32, not finite or do not fit, or inputs are missing.
        """
        W = finite("W", W)
        problem = Problem.of(W, given_inputs(W, inputs))
        B, alpha = np.empty(problem.W.shape, np.int8), np.empty(len(problem.W), np.float32)
        for channel in range(len(B)):
            *_, last = problem.decisions(channel, W)
            B[channel], alpha[channel] = last.b, rounded(last.alpha * problem.unit)
        return Scaled(B.reshape(W.shape), alpha, CHANNEL, width=1)


def rounded(alpha: Fraction) -> float:
    """α in float32; beyond its largest number that."""
    return max(-FLOAT32.highest, min(nearest(alpha, FLOAT32), FLOAT32.highest))


def margin(W: NDArray[np.float32], inputs: NDArray[np.float32]) -> float:
    """How near the nearest decision comes to its boundary, relative to the sums that it is made of."""
    W = finite("W", W)
    problem = Problem.of(W, given_inputs(W, inputs))
    size = abs(problem.X).T @ abs(problem.X) if problem.X.size else problem.G
    found = np.inf
    for channel in range(len(problem.W)):
        for decision in problem.decisions(channel, W):
            if decision.j >= 0:
                found = min(found, _distance(decision, abs(problem.W[channel]), problem.G, size))
    return found


def _distance(decision: Decision, w: Whole, G: Whole, size: Whole) -> float:
    """|v_j − α·others| beside the magnitudes of the sums in v, others and α.

    A tie whose sums are all exact in float32, in whatever order, is decided and does not count.
    """
    j, alpha, ones = decision.j, decision.alpha, np.ones(len(w), object)
    sums = size[j] @ w + abs(alpha) * (size[j] @ ones)
    if not sums:
        return np.inf
    if decision.gain == 0 or not alpha:
        total, representable = int(ones @ size @ (w + ones)), Fraction(rounded(alpha)) == alpha
        step = Fraction(1, alpha.denominator)
        return np.inf if representable and exact_in_float32(int((total + sums) / step), 1) else 0.0
    energy = int(decision.b @ (G @ decision.b))
    doubt = (ones @ size @ w + abs(alpha) * (ones @ size @ ones)) / Fraction(energy) if energy else Fraction(0)
    p, q = alpha.as_integer_ratio()
    others = abs(G[j] @ decision.b - G[j, j] * int(decision.b[j]))
    return float(abs(Fraction(decision.gain, p * q)) / (sums + doubt * others))


INNER_PRODUCT_HASHING = Scheme(
    "bwnh",
    "binary weights by the layer's outputs: hashing that preserves inner products with given inputs",
    lambda bits, granularity: InnerProductHashing(),
    bits=(1,),
    usual=1,
    granularities=("channel",),
    iterative=True,
    inputs=True,
)
