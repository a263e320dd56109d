"""One layer as several: LowRankSvd, LowRankChannel, LowRankSpatial, Tucker2, CpDecomposition, and what goes with them.

LowRankReconstruct (back to weights), LowRankApproximation, SingularValues, RankOfEnergy, RankOfSpeed.

qref's own operators (domain "qref", opset 1). Factors stand in the order of the layers, the one nearest to the input
first.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from math import inf
from typing import Any

import numpy as np

from qref.compression.low_rank import DECOMPOSE, RECONSTRUCT, cp
from qref.compression.low_rank import rank as ranks
from qref.compression.low_rank.arithmetic import PRECISE, Arithmetic, Matrix, precisely
from qref.compression.low_rank.factors import check_kernel, check_rank
from qref.compression.low_rank.spatial import matricized
from qref.compression.low_rank.tucker2 import unfolded_in
from qref.numerics.tensor import Tensor
from qref.ops import bound
from qref.ops.bound import Bound
from qref.ops.check import computable, dtype, require
from qref.ops.operator import Attribute, Operator
from qref.ops.qref import low_rank_bound
from qref.quantizers.granularity import matrix
from qref.quantizers.weights import finite

MATRICES = ("output", "input", "spatial")


def low_rank_svd(
    W: Tensor, *, rank: int = 1, sigma: str = "first", opset: int = 1, arithmetic: Arithmetic = PRECISE
) -> tuple[Tensor, ...]:
    """B [r, K] and A [M, r] of W ≈ A·B = U_r Σ_r V_rᵀ.

    Args:
        W: finite float32 [M, K]. rank: r. sigma: the layer that Σ goes to, "first" or "last", or "even": √Σ in both.

    Raises:
        InvalidInput: another type or shape, NaN or infinity, r not from 1 to min(M, K), another sigma.
    """
    return _factors("svd", W, arithmetic, rank, sigma)


def low_rank_channel(
    W: Tensor, *, rank: int = 1, sigma: str = "even", opset: int = 1, arithmetic: Arithmetic = PRECISE
) -> tuple[Tensor, ...]:
    """Filters [r, C, k1, …] and P [M, r, 1, …] for W [M, C, k1, …]; otherwise as `low_rank_svd`."""
    return _factors("channel", W, arithmetic, rank, sigma)


def low_rank_spatial(
    W: Tensor, *, rank: int = 1, sigma: str = "even", opset: int = 1, arithmetic: Arithmetic = PRECISE
) -> tuple[Tensor, ...]:
    """Vertical filters [r, C, kh, 1] and horizontal ones [N, r, 1, kw] for W [N, C, kh, kw]; else as `low_rank_svd`."""
    return _factors("spatial", W, arithmetic, rank, sigma)


def tucker2(
    W: Tensor, *, rank_in: int = 1, rank_out: int = 1, sweeps: int = 0, opset: int = 1, arithmetic: Arithmetic = PRECISE
) -> tuple[Tensor, ...]:
    """U_inᵀ [P, C, 1, …], the core [Q, P, k1, …] and U_out [M, Q, 1, …] for W [M, C, k1, …].

    Raises:
        InvalidInput: another type or shape, NaN or infinity, ranks that unfolded matrices do not have, sweeps < 0.
    """
    return _factors("tucker2", W, arithmetic, rank_in, rank_out, sweeps)


def cp_decomposition(
    W: Tensor, *, rank: int = 1, sweeps: int = 10, seed: int = 0, opset: int = 1, arithmetic: Arithmetic = PRECISE
) -> tuple[Tensor, ...]:
    """I [r, C, 1, 1], Y [r, 1, kh, 1], X [r, 1, 1, kw] and O [N, r, 1, 1] for W [N, C, kh, kw].

    Raises:
        InvalidInput: another type or shape, NaN or infinity, rank or sweeps below 1, a seed that is none.
    """
    dtype("W", W, ("float32",))
    check_kernel(W.data, 2)
    computable((max(rank, 0), *W.shape))
    return _factors("cp", W, arithmetic, rank, sweeps, seed)


def _factors(method: str, W: Tensor, arithmetic: Arithmetic, *given: Any) -> tuple[Tensor, ...]:
    dtype("W", W, ("float32",))
    found = DECOMPOSE[method](W.data, *given, arithmetic=arithmetic)
    return tuple(Tensor("float32", factor) for factor in found.tensors)


def low_rank_reconstruct(*factors: Tensor, method: str = "svd", opset: int = 1) -> Tensor:
    """W' of the factors of a method, each sum of products exact and rounded once.

    Raises:
        InvalidInput: a method that there is not, other types, numbers or shapes of factors than it has.
    """
    checked = _checked(factors, method)
    return Tensor("float32", RECONSTRUCT[method](*(F.data for F in checked)))


def _checked(factors: tuple[Tensor, ...], method: str) -> tuple[Tensor, ...]:
    require(method in RECONSTRUCT, f"method is {method!r}: give {', '.join(RECONSTRUCT)}")
    for i, F in enumerate(factors):
        dtype(f"factor {i}", F, ("float32",))
        finite(f"factor {i}", F.data)
    shapes = [F.shape for F in factors]
    require(_fit(method, shapes), f"factors {[list(s) for s in shapes]} are none of {method}")
    return factors


def _fit(method: str, shapes: list[tuple[int, ...]]) -> bool:
    """Whether shapes are those of the factors of a method."""
    rank, point = len(shapes[0]), (1,) * (len(shapes[0]) - 2)
    if any(len(shape) != rank for shape in shapes) or rank < 2:
        return False
    first, last = shapes[0], shapes[-1]
    if method == "svd":
        return len(shapes) == 2 and rank == 2 and first[0] == last[1]
    if method == "channel":
        return len(shapes) == 2 and rank > 2 and last[1:] == (first[0], *point)
    if method == "spatial":
        return len(shapes) == 2 and rank == 4 and first[3] == last[2] == 1 and first[0] == last[1]
    if method == "tucker2":
        points = rank > 2 and first[2:] == last[2:] == point
        return points and len(shapes) == 3 and shapes[1][:2] == (last[1], first[0])
    r = first[0]
    along = [(r, 1, *(s[2 + k] if axis == k else 1 for axis in range(rank - 2))) for k, s in enumerate(shapes[1:-1])]
    return rank in (3, 4) and shapes == [(r, first[1], *point), *along, (last[0], r, *point)] and len(along) == rank - 2


def low_rank_reconstruct_bound(*factors: Tensor, method: str = "svd", opset: int = 1) -> list[Bound]:
    """The bound of sums of products of two to four numbers."""
    W = low_rank_reconstruct(*factors, method=method)
    sizes = [np.abs(F.data) for F in factors]
    M = RECONSTRUCT[method](*sizes).astype(np.float64) * (1 + 2.0**-23)
    terms = int(np.prod([F.shape[0] for F in factors[:-1]])) if method == "tucker2" else factors[0].shape[0]
    found = bound.of_dot(W, terms + 2 * len(factors), M)
    # a product of some factors may leave float32's range on the way where the whole does not
    highest = np.prod([np.maximum(size.max(initial=0.0), 1.0).astype(np.float64) for size in sizes])
    return [bound.may_overflow(found, highest * terms)]


def matricization(W: Any, kind: str) -> Matrix:
    """The matrix whose singular values a method looks at.

    kind: "output" [M, C·k1·…], "input" [C, M·k1·…], "spatial" [C·kh, M·kw].
    """
    require(kind in MATRICES, f"matricization is {kind!r}: give {', '.join(MATRICES)}")
    if kind == "spatial":
        check_kernel(W, 2)
        return matricized(W)
    require(W.ndim >= 2, f"W has shape {list(W.shape)}: give output and input channels")
    if kind == "output":
        return np.asarray(W.reshape(matrix(W.shape)))
    return unfolded_in(W.reshape(*W.shape[:2], int(np.prod(W.shape[2:]))))


def _matrix(W: Tensor, kind: str) -> Matrix:
    dtype("W", W, ("float32",))
    return matricization(finite("W", W.data), kind)


def singular_values(
    W: Tensor, *, matricization: str = "output", opset: int = 1, arithmetic: Arithmetic = PRECISE
) -> Tensor:
    """σ, largest first, rounded once to float32.

    Args:
        W: finite float32 of rank 2 or more. matricization: "output", "input" or "spatial".

    Raises:
        InvalidInput: another type or rank, NaN or infinity, another matricization.
    """
    found = ranks.singular_values(_matrix(W, matricization), arithmetic)
    return Tensor("float32", arithmetic.rounded(found))


def singular_values_bound(W: Tensor, *, matricization: str = "output", opset: int = 1) -> list[Bound]:
    """Weyl's: ‖E‖ for each."""
    A = PRECISE.numbers(_matrix(W, matricization))
    with precisely():
        s = PRECISE.svd(A)[1]
    values = singular_values(W, matricization=matricization)
    return low_rank_bound.bounds((values,), lambda u: [np.array(low_rank_bound.error(s, A.shape, u), object)])


def low_rank_approximation(
    W: Tensor, *, rank: int = 1, matricization: str = "output", opset: int = 1, arithmetic: Arithmetic = PRECISE
) -> Tensor:
    """The matrix of rank r that is nearest to W's, in the shape of W, rounded once to float32.

    Raises:
        InvalidInput: as `singular_values`, and r not from 1 to the smaller side of the matrix.
    """
    A = _matrix(W, matricization)
    check_rank(rank, A.shape)
    with arithmetic.context():
        U, s, Vt = arithmetic.svd(arithmetic.numbers(A))
        found = arithmetic.rounded((U[:, :rank] * s[:rank]) @ Vt[:rank])
    return Tensor("float32", _as_weights(found, W.shape, matricization))


def _as_weights(A: Any, shape: tuple[int, ...], kind: str) -> Any:
    """From a matrix back to the shape of the weights."""
    if kind == "output":
        return A.reshape(shape)
    if kind == "input":
        return np.ascontiguousarray(np.moveaxis(A.reshape(shape[1], shape[0], *shape[2:]), 0, 1))
    N, C, kh, kw = shape
    return np.ascontiguousarray(A.reshape(C, kh, N, kw).transpose(2, 0, 1, 3))


def low_rank_approximation_bound(
    W: Tensor, *, rank: int = 1, matricization: str = "output", opset: int = 1
) -> list[Bound]:
    """That of the projector on the first r vectors, and of a product of factors in float32."""
    A = PRECISE.numbers(_matrix(W, matricization))
    y = low_rank_approximation(W, rank=rank, matricization=matricization)

    def tolerances(u: Decimal) -> list[Matrix]:
        return [_as_weights(low_rank_bound.approximation(A, rank, u), W.shape, matricization)]

    return low_rank_bound.bounds((y,), tolerances)


def low_rank_approximation_margin(W: Tensor, *, rank: int = 1, matricization: str = "output", opset: int = 1) -> float:
    """(σ_r − σ_{r+1})/σ_1."""
    with precisely():
        return low_rank_bound.clear_rank(PRECISE.numbers(_matrix(W, matricization)), rank)


def rank_of_energy(
    W: Tensor,
    *,
    energy: float = 0.9,
    matricization: str = "output",
    opset: int = 1,
    arithmetic: Arithmetic = PRECISE,
) -> Tensor:
    """The smallest r ≥ 1 with Σ_{i≤r} σ_i² ≥ energy·Σ σ_i², int64; 0 for no weights.

    Raises:
        InvalidInput: as `singular_values`, and an energy that is not above 0 and at most 1.
    """
    sigma = ranks.singular_values(_matrix(W, matricization), arithmetic)
    return Tensor("int64", np.array(ranks.of_energy(sigma, Fraction(energy), arithmetic), np.int64))


def rank_of_energy_margin(W: Tensor, *, energy: float = 0.9, matricization: str = "output", opset: int = 1) -> float:
    """The smallest distance of a share of the energy to the one asked for; equal ones that are exact count for none."""
    A = PRECISE.numbers(_matrix(W, matricization))
    with precisely():
        squares = [s * s for s in PRECISE.svd(A)[1]]
        total, least, found = sum(squares, Decimal(0)), inf, Decimal(0)
        for square in squares if total else ():
            found += square
            distance = abs(found / total - Decimal(energy))
            least = min(least, inf if distance < Decimal(2) ** -200 and low_rank_bound.held(A) else float(distance))
    return least


def rank_of_speed(
    shape: Tensor, *, method: str = "svd", speed: float = 2.0, strides: Sequence[int] | None = None, opset: int = 1
) -> Tensor:
    """The largest rank whose layers have at most 1/speed of the multiplications, int64 [1]; [2] for Tucker-2's P and Q.

    Args:
        shape: of the weights, int64 [axes], output channels first. strides: 1 unless given.

    Raises:
        InvalidInput: no shape of weights that the method takes, another method, a speed not above 0, other strides.
    """
    dtype("shape", shape, ("int64",))
    require(len(shape.shape) == 1 and bool((shape.data >= 1).all()), "shape: give lengths of at least 1")
    lengths = [int(n) for n in shape.data]
    computable(lengths)
    found = ranks.of_speed(method, lengths, Fraction(speed), tuple(strides or ()))
    return Tensor("int64", np.array(found, np.int64))


def _svd_bound(
    function: Callable[..., tuple[Tensor, ...]], usual: str, left_first: bool, kind: str
) -> tuple[Callable[..., list[Bound]], Callable[..., float]]:
    """The bound and the margin of a method that is one SVD. left_first: whether U belongs to the first layer."""

    def limits(W: Tensor, *, rank: int = 1, sigma: str = usual, opset: int = 1) -> list[Bound]:
        outputs = function(W, rank=rank, sigma=sigma)
        A = PRECISE.numbers(matricization(W.data, kind))
        side = {"even": "even", "first": "left" if left_first else "right"}.get(
            sigma, "right" if left_first else "left"
        )

        def tolerances(u: Decimal) -> list[Matrix]:
            left, right = low_rank_bound.truncated(A, rank, side, u)
            first, last = (left, right) if left_first else (right, left)
            axes = outputs[0].data.ndim - 2
            return [first.reshape(-1, *(1,) * (axes + 1)), last.reshape(-1, *(1,) * axes)]

        return low_rank_bound.bounds(outputs, tolerances)

    def margin(W: Tensor, *, rank: int = 1, sigma: str = usual, opset: int = 1) -> float:
        function(W, rank=rank, sigma=sigma)
        with precisely():
            return low_rank_bound.clear_vectors(PRECISE.numbers(matricization(W.data, kind)), rank)

    return limits, margin


def tucker2_bound(W: Tensor, *, rank_in: int = 1, rank_out: int = 1, sweeps: int = 0, opset: int = 1) -> list[Bound]:
    """Those of both sets of vectors, and what they make of the core."""
    outputs = tucker2(W, rank_in=rank_in, rank_out=rank_out, sweeps=sweeps)
    kernel = PRECISE.numbers(W.data).reshape(*W.shape[:2], -1)
    axes = W.data.ndim - 2

    def tolerances(u: Decimal) -> list[Matrix]:
        off_in, core, off_out, _ = low_rank_bound.tucker(kernel, (rank_in, rank_out), sweeps, u)
        first, last = off_in.reshape(-1, *(1,) * (axes + 1)), off_out.reshape(-1, *(1,) * axes)
        return [first, np.array(core, object), last]

    return low_rank_bound.bounds(outputs, tolerances)


def tucker2_margin(W: Tensor, *, rank_in: int = 1, rank_out: int = 1, sweeps: int = 0, opset: int = 1) -> float:
    """The smallest gap between singular values, and of a sign, over all steps."""
    tucker2(W, rank_in=rank_in, rank_out=rank_out, sweeps=sweeps)
    kernel = PRECISE.numbers(W.data).reshape(*W.shape[:2], -1)
    with precisely():
        return low_rank_bound.tucker(kernel, (rank_in, rank_out), sweeps, low_rank_bound.DOUBLE)[3]


def cp_bound(W: Tensor, *, rank: int = 1, sweeps: int = 10, seed: int = 0, opset: int = 1) -> list[Bound]:
    """What float64 may add over all sweeps, element by element; in float32 no bound is known."""
    outputs = cp_decomposition(W, rank=rank, sweeps=sweeps, seed=seed)

    def tolerances(u: Decimal) -> list[Matrix]:
        _, off, _ = low_rank_bound.cp_factors(PRECISE.numbers(W.data), rank, sweeps, seed, u)
        return cp.layers(off)

    return low_rank_bound.bounds(outputs, tolerances, single=False)


def cp_margin(W: Tensor, *, rank: int = 1, sweeps: int = 10, seed: int = 0, opset: int = 1) -> float:
    """The smallest pivot of the normal equations as a share of its column, or distance of a sign; 0 without a bound."""
    cp_decomposition(W, rank=rank, sweeps=sweeps, seed=seed)
    with precisely():
        numbers = PRECISE.numbers(W.data)
        return low_rank_bound.cp_factors(numbers, rank, sweeps, seed, low_rank_bound.DOUBLE)[2]


MATRICIZATION = {"matricization": Attribute("string", "output")}


def _truncated(
    name: str, function: Callable[..., tuple[Tensor, ...]], usual: str, left_first: bool, kind: str
) -> Operator:
    limits, margin = _svd_bound(function, usual, left_first, kind)
    return Operator(
        name,
        "qref",
        opsets=(1,),
        inputs=(1, 1),
        outputs=2,
        attributes={"rank": Attribute("int", 1), "sigma": Attribute("string", usual)},
        function=function,
        bound=limits,
        margin=margin,
    )


OPERATORS = (
    _truncated("LowRankSvd", low_rank_svd, "first", False, "output"),
    _truncated("LowRankChannel", low_rank_channel, "even", False, "output"),
    _truncated("LowRankSpatial", low_rank_spatial, "even", True, "spatial"),
    Operator(
        "Tucker2",
        "qref",
        opsets=(1,),
        inputs=(1, 1),
        outputs=3,
        attributes={"rank_in": Attribute("int", 1), "rank_out": Attribute("int", 1), "sweeps": Attribute("int", 0)},
        function=tucker2,
        bound=tucker2_bound,
        margin=tucker2_margin,
    ),
    Operator(
        "CpDecomposition",
        "qref",
        opsets=(1,),
        inputs=(1, 1),
        outputs=4,
        attributes={"rank": Attribute("int", 1), "sweeps": Attribute("int", 10), "seed": Attribute("int", 0)},
        function=cp_decomposition,
        bound=cp_bound,
        margin=cp_margin,
    ),
    Operator(
        "LowRankReconstruct",
        "qref",
        opsets=(1,),
        inputs=(2, 4),
        outputs=1,
        attributes={"method": Attribute("string", "svd")},
        function=low_rank_reconstruct,
        bound=low_rank_reconstruct_bound,
    ),
    Operator(
        "LowRankApproximation",
        "qref",
        opsets=(1,),
        inputs=(1, 1),
        outputs=1,
        attributes={"rank": Attribute("int", 1), **MATRICIZATION},
        function=low_rank_approximation,
        bound=low_rank_approximation_bound,
        margin=low_rank_approximation_margin,
    ),
    Operator(
        "SingularValues",
        "qref",
        opsets=(1,),
        inputs=(1, 1),
        outputs=1,
        attributes=MATRICIZATION,
        function=singular_values,
        bound=singular_values_bound,
    ),
    Operator(
        "RankOfEnergy",
        "qref",
        opsets=(1,),
        inputs=(1, 1),
        outputs=1,
        attributes={"energy": Attribute("float", 0.9), **MATRICIZATION},
        function=rank_of_energy,
        margin=rank_of_energy_margin,
    ),
    Operator(
        "RankOfSpeed",
        "qref",
        opsets=(1,),
        inputs=(1, 1),
        outputs=1,
        attributes={
            "method": Attribute("string", "svd"),
            "speed": Attribute("float", 2.0),
            "strides": Attribute("ints"),
        },
        function=rank_of_speed,
    ),
)
