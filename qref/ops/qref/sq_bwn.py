"""StochasticQuantization and StochasticQuantizationStep: which filters become binary, and one step of training.

qref's own operators (domain "qref", opset 1).
"""

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.numerics.exact_sums import dot
from qref.numerics.floats import decode, encode, float_format, nearest
from qref.numerics.philox import Stream
from qref.numerics.tensor import Tensor
from qref.numerics.whole_numbers import coarsest, exact_in_float32, whole
from qref.ops import bound
from qref.ops.bound import Bound, magnitude, of_dot
from qref.ops.operator import Attribute, Operator
from qref.ops.qref.binary_connect import RATE, layer, numbers
from qref.quantizers.granularity import channels, matrix
from qref.quantizers.sq_bwn import EPSILON, StochasticQuantization, error, kept

FLOAT32 = float_format("float32")
RANDOM = {"ratio": Attribute("float", 50.0), "seed": Attribute("int", 0), "tensor": Attribute("int", 0)}


def stochastic_quantization(
    W: Tensor, *, ratio: float = 50.0, seed: int = 0, tensor: int = 0, opset: int = 1
) -> tuple[Tensor, Tensor, Tensor]:
    """Which rows are binary, int8 [m] of 0 and 1; the hybrid W̃, float32 of W's shape; e of each row, float32 [m].

    Args:
        W: finite float32, filters first. ratio: percentage of rows to quantize. seed, tensor: of the stream.

    Raises:
        InvalidInput: another type, NaN or infinity, a ratio beyond 0 to 100, a seed or tensor number below 0.
    """
    weights = numbers("W", W)
    encoded = StochasticQuantization(ratio).encode(weights, stream=Stream(seed, tensor))
    errors = np.array([nearest(error(w), FLOAT32) for w in channels(weights)], np.float32)
    chosen = Tensor("int8", encoded.chosen.astype(np.int8))
    return chosen, Tensor("float32", encoded.decode()), Tensor("float32", errors)


def quantization_bound(W: Tensor, *, opset: int = 1, **random: Any) -> list[Bound]:
    """None for the choice; of binary rows that of α, of the others none; of e that of two sums and a division."""
    chosen, W_tilde, errors = stochastic_quantization(W, **random)
    K = matrix(W.shape)[1]
    alone = bound.of_mean(W_tilde, K)
    binary = chosen.data.reshape(-1, *[1] * (len(W.shape) - 1)).astype(bool) if W.shape else chosen.data[0] == 1
    wider = tuple((reason, np.where(binary, tolerance, 0.0)) for reason, tolerance in alone.wider)
    rows = Bound(np.where(binary, alone.tolerance, 0.0), wider, binary & alone.overflow)
    # each ||w| − α| has α's error besides its own: the magnitude of all that is added is below 4 ‖w‖₁, and e < 2
    of_error = of_dot(errors, 2 * K + 8, np.where([_sums_are_exact(w) for w in channels(W.data)], decode(errors), 4.0))
    norms = np.array([np.abs(w).sum(dtype=np.float64) for w in channels(W.data)])
    lost = np.divide((2 * K + 8) * FLOAT32.smallest_subnormal, norms, out=np.zeros(norms.shape), where=norms > 0)
    of_error = bound.may_overflow(bound.widened(of_error, np.where(of_error.tolerance > 0, lost, 0.0)), norms)
    return [bound.none(chosen), rows, of_error]


def _sums_are_exact(w: NDArray[np.float32]) -> bool:
    """Whether e is the quotient of two sums that float32 holds: of |w|, and of its deviations from a mean it holds.

    Not for a number of weights whose reciprocal is rounded: an engine may multiply by it.
    """
    if w.any() and w.size & (w.size - 1):
        return False
    magnitudes = abs(whole(w))
    alpha = Fraction(int(magnitudes.sum()), max(w.size, 1))
    scaled, mean = magnitudes * alpha.denominator, np.array([alpha.numerator], object)
    step, longest = coarsest(scaled, mean), max(int(scaled.sum()), int(abs(scaled - mean).sum()))
    return step >= alpha.denominator and exact_in_float32(longest, step)


def margin(W: Tensor, *, ratio: float = 50.0, seed: int = 0, tensor: int = 0, opset: int = 1) -> float:
    """How far each draw u lies from the nearest end of a row's share, as a part of the wheel.

    f = 1 / (e + ε) is as uncertain, relative to itself, as e is relative to e + ε: where the sums in e are rounded, a
    draw's distance is divided by the largest f of such rows.
    """
    weights = numbers("W", W)
    rows = matrix(weights.shape)[0]
    count = rows - kept(StochasticQuantization(ratio).ratio, rows)
    if count in (0, rows):
        return float("inf")
    errors = [error(w) for w in channels(weights)]
    f = [1 / (e + EPSILON) for e in errors]
    computed = [share for share, w in zip(f, channels(weights)) if not _sums_are_exact(w)]
    condition = max([Fraction(1), *computed])
    nearest_end = Fraction(1)
    for word in Stream(seed, tensor).words(count):
        u, ends = Fraction(int(word), 2**32) * sum(f), [Fraction(0)]
        for share in f:
            ends.append(ends[-1] + share)
        left = [i for i, share in enumerate(f) if share]
        # the last end is the whole wheel, which no u reaches however it is computed; nor is there anything below 0
        inner = [ends[i + 1] for i in left[:-1]]
        nearest_end = min([nearest_end, *(abs(u - end) / ends[-1] for end in inner)])
        f[next(i for i in left if u < ends[i + 1])] = Fraction(0)
    return float(nearest_end / condition)


def stochastic_quantization_step(
    a: Tensor,
    W: Tensor,
    g: Tensor,
    *,
    ratio: float = 50.0,
    seed: int = 0,
    tensor: int = 0,
    learning_rate: float = RATE,
    opset: int = 1,
) -> tuple[Tensor, Tensor]:
    """∂C/∂a = g W̃ [N, K] and W' = W − η gᵀ a [M, K] of a linear layer z = a W̃ᵀ, each element rounded once.

    Args:
        a: [N, K], W: real weights [M, K], g: ∂C/∂z [N, M]; finite float32. ratio, seed, tensor: how W̃ was drawn.

    Raises:
        InvalidInput: types or shapes that do not fit, NaN or infinity, a ratio beyond 0 to 100.
    """
    inputs, weights, gradient = layer(a, W, g)
    W_tilde = StochasticQuantization(ratio).encode(weights, stream=Stream(seed, tensor)).decode().astype(np.float64)
    of_a = dot(gradient.astype(np.float64), W_tilde, FLOAT32)
    updated = dot(_scaled(gradient, learning_rate), inputs.astype(np.float64), FLOAT32, weights.astype(np.float64))
    return encode(of_a, "float32"), encode(updated, "float32")


def _scaled(g: NDArray[np.float32], eta: float) -> NDArray[np.float64]:
    """−η gᵀ, which float64 holds exactly."""
    return -eta * g.T.astype(np.float64)


def step_bound(
    a: Tensor, W: Tensor, g: Tensor, *, learning_rate: float = RATE, opset: int = 1, **random: Any
) -> list[Bound]:
    """Those of two products of matrices; W̃ brings the error of α along, and a step has two more roundings."""
    inputs, weights, gradient = layer(a, W, g)
    of_a, updated = stochastic_quantization_step(a, W, g, learning_rate=learning_rate, **random)
    W_tilde = decode(stochastic_quantization(W, **random)[1])
    scaled, right = _scaled(gradient, learning_rate), inputs.astype(np.float64)
    M = magnitude(gradient.astype(np.float64), W_tilde)
    of_step = of_dot(updated, len(inputs) + 3, magnitude(scaled, right, weights.astype(np.float64)))
    # products of g and a on their way to the step: what they lose in the subnormal range grows with the rate
    of_step = bound.widened(of_step, abs(learning_rate) * (len(inputs) + 1) * FLOAT32.smallest_subnormal)
    of_step = bound.may_overflow(of_step, magnitude(gradient.T.astype(np.float64), right))
    # the sums of α, and what a subnormal α is off
    sums = W.shape[1] * np.abs(W_tilde).max(initial=0.0)
    lost = np.abs(gradient).astype(np.float64).sum(axis=1, keepdims=True) * FLOAT32.smallest_subnormal
    found = bound.widened(of_dot(of_a, W.shape[0] + W.shape[1] + 4, M), lost)
    return [bound.may_overflow(found, sums), of_step]


def step_margin(
    a: Tensor, W: Tensor, g: Tensor, *, learning_rate: float = RATE, opset: int = 1, **random: Any
) -> float:
    """That of the draws."""
    return margin(W, **random)


OPERATORS = (
    Operator(
        "StochasticQuantization",
        "qref",
        opsets=(1,),
        inputs=(1, 1),
        outputs=3,
        attributes=RANDOM,
        function=stochastic_quantization,
        bound=quantization_bound,
        margin=margin,
    ),
    Operator(
        "StochasticQuantizationStep",
        "qref",
        opsets=(1,),
        inputs=(3, 3),
        outputs=2,
        attributes={**RANDOM, "learning_rate": Attribute("float", RATE)},
        function=stochastic_quantization_step,
        bound=step_bound,
        margin=step_margin,
    ),
)
