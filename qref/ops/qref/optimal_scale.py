"""OptimalScale and OptimalScaleGlobal: codes and scales of least squared error, by alternation and of all.

qref's own operators (domain "qref", opset 1).
"""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from qref.numerics.exact_totals import dot, sum_of_squares
from qref.numerics.floats import decode, float_format, floor_log2, nearest
from qref.numerics.tensor import Tensor
from qref.ops import bound
from qref.ops.bound import Bound
from qref.ops.check import dtype
from qref.ops.operator import Attribute, Operator
from qref.ops.qref import granularity as grain
from qref.ops.qref.encoded import tensors
from qref.quantizers.encoded import Scaled
from qref.quantizers.optimal_scale import Codes, OptimalScale, alternation, highest_code
from qref.quantizers.optimal_scale_global import OptimalScaleGlobal, candidates, optimum, spans
from qref.quantizers.weights import finite

FLOAT32 = float_format("float32")
NOWHERE = float("inf")

Weights = NDArray[np.float32]


def optimal_scale(
    W: Tensor, *, bits: int = 8, granularity: str = "channel", group_size: int = 0, opset: int = 1
) -> tuple[Tensor, Tensor]:
    """B and α of each part where alternation ends: int8 of W's shape, float32 [parts].

    Args:
        W: finite float32, output channels first. bits: 2 to 8, codes −K to K with K = 2^(bits−1) − 1.

    Raises:
        InvalidInput: another type, NaN or infinity, bits or a granularity that there are not.
    """
    dtype("W", W, ("float32",))
    return _tensors(OptimalScale(bits, grain.of(granularity, group_size)).encode(W.data))


def optimal_scale_global(
    W: Tensor, *, bits: int = 8, granularity: str = "channel", group_size: int = 0, opset: int = 1
) -> tuple[Tensor, Tensor]:
    """B and α of the least ‖W − αB‖² of each part; arguments, results and errors as of `optimal_scale`."""
    dtype("W", W, ("float32",))
    return _tensors(OptimalScaleGlobal(bits, grain.of(granularity, group_size)).encode(W.data))


def _tensors(encoded: Scaled) -> tuple[Tensor, Tensor]:
    return tensors(encoded)


def alternation_bound(
    W: Tensor, *, bits: int = 8, granularity: str = "channel", group_size: int = 0, opset: int = 1
) -> list[Bound]:
    """None for the codes; for a scale that of Σ|w||b|, divided by an integer."""
    return _bounds(
        W, optimal_scale(W, bits=bits, granularity=granularity, group_size=group_size), granularity, group_size
    )


def global_bound(
    W: Tensor, *, bits: int = 8, granularity: str = "channel", group_size: int = 0, opset: int = 1
) -> list[Bound]:
    """As `alternation_bound`."""
    answer = optimal_scale_global(W, bits=bits, granularity=granularity, group_size=group_size)
    return _bounds(W, answer, granularity, group_size)


def _bounds(W: Tensor, answer: tuple[Tensor, Tensor], granularity: str, group_size: int) -> list[Bound]:
    codes, scales = answer
    terms = bound.terms_of_parts(W, grain.of(granularity, group_size))
    return [bound.none(codes), bound.of_dot(scales, terms, decode(scales))]


def alternation_margin(
    W: Tensor, *, bits: int = 8, granularity: str = "channel", group_size: int = 0, opset: int = 1
) -> float:
    """The smallest relative distance of a |w|/α to a boundary k − 1/2, over all steps of all parts."""
    K = highest_code(bits)
    parts = [w for w in grain.of(granularity, group_size).parts(finite("W", W.data)) if w.any()]
    return min((distance for w in parts for distance in _distances_of_steps(w, K)), default=NOWHERE)


def _distances_of_steps(w: Weights, K: int) -> Iterator[float]:
    before: Codes | None = None
    for alpha, b in alternation(w, K):
        yield from _distances(w, alpha, b, K, before is None or _exact_sum(w, before))
        before = b


def _distances(w: Weights, alpha: Fraction, b: Codes, K: int, sum_is_exact: bool) -> Iterator[float]:
    """Of each |w|/α to the boundaries beside its code; a tie is none where α holds in float32."""
    exact = sum_is_exact and _held(alpha)
    for v, own in zip(np.abs(w).tolist(), np.abs(b).tolist()):
        x = Fraction(v) / alpha
        for k in (k for k in (own, own + 1) if 1 <= k <= K):
            distance = abs(x - k + Fraction(1, 2)) / (k - Fraction(1, 2))
            if distance or not exact:
                yield float(distance)


def _held(x: Fraction) -> bool:
    """Whether float32 holds x."""
    return nearest(x, FLOAT32) == x


def _exact_sum(w: Weights, b: Codes) -> bool:
    """Whether float32 holds every partial sum of Σ w·b, in any order, and Σ b²."""
    terms = [abs(Fraction(v)) * k for v, k in zip(np.abs(w).tolist(), np.abs(b).tolist()) if v and k]
    unit = min(Fraction(2) ** _lowest_bit(term) for term in terms)
    return sum(terms) / unit <= 2**24 and int(np.sum(b.astype(np.int64) ** 2)) <= 2**24


def _lowest_bit(x: Fraction) -> int:
    """The place of the lowest bit of a positive binary fraction."""
    return ((x.numerator & -x.numerator).bit_length() - 1) - floor_log2(Fraction(x.denominator))


def global_margin(
    W: Tensor, *, bits: int = 8, granularity: str = "channel", group_size: int = 0, opset: int = 1
) -> float:
    """The least of two distances over all parts.

    That of the best error to the next, relative to ‖w‖² (codes m·B with scale α/m have the same error, and are no
    choice where float32 holds S, S² and S²/Q of both), and that of |w|/α to a boundary k − 1/2.
    """
    K = highest_code(bits)
    parts = [w for w in grain.of(granularity, group_size).parts(finite("W", W.data)) if w.any()]
    return min((distance for w in parts for distance in _distances_of_candidates(w, K)), default=NOWHERE)


def _distances_of_candidates(w: Weights, K: int) -> Iterator[float]:
    alpha, b = optimum(w, K)
    yield from _distances(w, alpha, b, K, _exact_sum(w, b))
    gain, energy = alpha * dot(w, b), sum_of_squares(w)
    exact = _exact_sum(w, b) and all(map(_held, (alpha, dot(w, b) ** 2, gain)))
    a = np.abs(w[w != 0])
    for one in candidates(a, K, list(spans(a, K)), near=1.0):
        if one.scale != alpha and (one.gain != gain or not (exact and _held(one.S**2))):
            yield float((gain - one.gain) / energy)


ATTRIBUTES = {"bits": Attribute("int", 8), **grain.attributes("channel")}

OPERATORS = (
    Operator(
        "OptimalScale",
        "qref",
        opsets=(1,),
        inputs=(1, 1),
        outputs=2,
        attributes=ATTRIBUTES,
        function=optimal_scale,
        bound=alternation_bound,
        margin=alternation_margin,
    ),
    Operator(
        "OptimalScaleGlobal",
        "qref",
        opsets=(1,),
        inputs=(1, 1),
        outputs=2,
        attributes=ATTRIBUTES,
        function=optimal_scale_global,
        bound=global_bound,
        margin=global_margin,
    ),
)
