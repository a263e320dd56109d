"""How far from the exact factors a decomposition in floating point may lie, and how clear its decisions are.

A stable algorithm gives the exact singular values and vectors of A + E with ‖E‖ ≤ p·u·σ_1, p = 4(m + n) for a matrix
[m, n] (LAPACK Users' Guide, 1999, section 4.9: "a modestly growing function"). Then

    |σ̂_i − σ_i| ≤ ‖E‖ (Weyl)        ‖û_i − u_i‖, ‖v̂_i − v_i‖ ≤ 4·‖E‖ / δ_i

δ_i the distance of σ_i to the other singular values and to 0 (Yu, Wang, Samworth, "A useful variant of the
Davis-Kahan theorem for statisticians", 2015, corollary 1, for [[0, A], [Aᵀ, 0]]). Decompositions are expected in
float64; what float32 gives is acceptable.
"""

from collections.abc import Callable
from decimal import Decimal
from math import inf

import numpy as np

from qref.compression.low_rank import cp
from qref.compression.low_rank.arithmetic import NOTHING, PRECISE, Matrix, precisely, svd
from qref.compression.low_rank.tucker2 import project_in, project_out, unfolded_in, unfolded_out
from qref.numerics.floats import decode
from qref.numerics.tensor import Tensor
from qref.ops.bound import ARITHMETIC, Array, Bound

IN_FLOAT32 = "decomposed in float32"
DOUBLE, SINGLE = Decimal(2) ** -53, Decimal(2) ** -24
TINY = Decimal(ARITHMETIC.smallest_subnormal)

Tolerances = Callable[[Decimal], list[Matrix]]
"""The unit roundoff of an arithmetic → what it may add to each output, before outputs are rounded to float32."""


def bounds(outputs: tuple[Tensor, ...], tolerances: Tolerances, single: bool = True) -> list[Bound]:
    """The bound of each output: what float64 may add and the roundings to float32; float32's own as a wider one."""
    with precisely():
        found = [_rounded(y, t, DOUBLE) for y, t in zip(outputs, tolerances(DOUBLE), strict=True)]
        if not single:
            return [Bound(t) for t in found]
        wider = [_rounded(y, t, SINGLE) for y, t in zip(outputs, tolerances(SINGLE), strict=True)]
    flushed = ARITHMETIC.smallest_normal
    return [Bound(t, ((IN_FLOAT32, np.asarray(w + flushed)),)) for t, w in zip(found, wider, strict=True)]


def _rounded(y: Tensor, tolerance: Matrix, u: Decimal) -> Array:
    """Beside the tolerance: four roundings of a number by its scaling, and those of both results to float32."""
    every = np.broadcast_to(np.asarray(tolerance, object), y.shape)
    relative = float(4 * u + 2 * SINGLE)
    own = np.array([float(t + TINY) for t in every.reshape(-1)], np.float64).reshape(y.shape)
    return own + relative * np.abs(decode(y))


def error(sigma: Matrix, shape: tuple[int, ...], u: Decimal) -> Decimal:
    """‖E‖ of a matrix."""
    return 4 * sum(shape) * u * max(sigma, default=Decimal(0))


def distances(sigma: Matrix) -> list[Decimal]:
    """δ_i: of each singular value to the nearest other, and to 0."""
    return [min([s, *(abs(s - t) for j, t in enumerate(sigma) if j != i)]) for i, s in enumerate(sigma)]


def vectors(sigma: Matrix, rank: int, shape: tuple[int, ...], u: Decimal, more: Decimal = Decimal(0)) -> Matrix:
    """What each of the first singular vectors may be off. more: an error that A has already."""
    E, own = error(sigma, shape, u) + more, 4 * sum(shape) * u
    found = [min(4 * E / d + own, Decimal(2)) if d else Decimal(0 if not E else 2) for d in distances(sigma)[:rank]]
    return np.array(found, object)


def truncated(A: Matrix, rank: int, sigma: str, u: Decimal) -> tuple[Matrix, Matrix]:
    """What the elements of U_r and V_rᵀ with their parts of Σ may be off, one number a singular value."""
    s = svd(A)[1]
    off, E = vectors(s, rank, A.shape, u), error(s, A.shape, u)
    s = s[:rank]
    root = np.array([min(E / x.sqrt(), E.sqrt()) if x else E.sqrt() for x in s], object)
    even = np.sqrt(s) * off + (1 + off) * root
    whole = s * off + (1 + off) * E
    return {"even": (even, even), "left": (whole, off), "right": (off, whole)}[sigma]


def clear_vectors(A: Matrix, rank: int) -> float:
    """The smallest distance of the first singular values to others and to 0, and of a vector's sign to the other.

    As shares of σ_1, and of the largest element. A matrix of zeros decides nothing.
    """
    U, s, _ = svd(A)
    if not any(s):
        return inf
    gaps = [float(d / s[0]) for d in distances(s)[:rank]]
    return min([*gaps, *(sign(U[:, i]) for i in range(rank))])


def sign(u: Matrix) -> float:
    """How much the largest positive and the largest negative element differ, as a share of the larger."""
    high, low = max(Decimal(0), *u), max(Decimal(0), *-u)
    return float(abs(high - low) / max(high, low)) if max(high, low) else inf


def approximation(A: Matrix, rank: int, u: Decimal) -> Matrix:
    """What the best approximation may be off: 4√r·σ_1·‖E‖/(σ_r − σ_{r+1}), and a product of float32 factors."""
    U, s, Vt = svd(A)
    E = error(s, A.shape, u)
    product = (rank + 4) * SINGLE * (np.abs(U[:, :rank] * s[:rank]) @ np.abs(Vt[:rank]))
    if rank == len(s) or not s[rank]:
        return np.asarray(product + 2 * E)
    turned = 4 * Decimal(rank).sqrt() * s[0] / max(s[rank - 1] - s[rank], E)
    return np.asarray(product + E * (1 + turned))


def clear_rank(A: Matrix, rank: int) -> float:
    """(σ_r − σ_{r+1})/σ_1; nothing is decided where σ_{r+1} is 0 or none."""
    s = svd(A)[1]
    return inf if rank == len(s) or not s[rank] else float((s[rank - 1] - s[rank]) / s[0])


def tucker(kernel: Matrix, ranks: tuple[int, int], sweeps: int, u: Decimal) -> tuple[Matrix, Decimal, Matrix, float]:
    """What U_in's columns, the core's elements and U_out's columns may be off; and the margin over all steps."""
    M, C, _ = kernel.shape
    norm = sum((w * w for w in kernel.reshape(-1)), Decimal(0)).sqrt()
    least = inf

    def leading(A: Matrix, rank: int, more: Decimal) -> tuple[Matrix, Matrix]:
        nonlocal least
        U, s, _ = svd(A)
        least = min(least, clear_vectors(A, rank))
        return U[:, :rank], vectors(s, rank, A.shape, u, more)

    def carried(off: Matrix, length: int) -> Decimal:
        return norm * (sum((x * x for x in off), Decimal(0)).sqrt() + (length + 2) * u)

    U_in, off_in = leading(unfolded_in(kernel), ranks[0], Decimal(0))
    U_out, off_out = leading(unfolded_out(kernel), ranks[1], Decimal(0))
    for _ in range(sweeps):
        U_in, off_in = leading(unfolded_in(project_out(kernel, U_out)), ranks[0], carried(off_out, M))
        U_out, off_out = leading(unfolded_out(project_in(kernel, U_in)), ranks[1], carried(off_in, C))
    a, b = carried(off_in, C), carried(off_out, M)
    return off_in, a + b + (a * b / norm if norm else a), off_out, least


def cp_factors(W: Matrix, rank: int, sweeps: int, seed: int, u: Decimal) -> tuple[list[Matrix], list[Matrix], float]:
    """The normalized factors, what each of their elements may be off, and the margin: signs, pivots, signs of errors.

    Every step's error is bounded from its operands': a sum of products of |x| + Δx is no farther from that of |x|.
    """
    factors = [PRECISE.numbers(x) for x in cp.start(W.shape, rank, seed)]
    off = [factor * 0 for factor in factors]
    least = inf
    for _ in range(sweeps):
        for mode in range(W.ndim):
            factors[mode] = cp.least_squares(W, factors, mode, NOTHING)
            off[mode], clear = _solution_off(W, factors, off, mode, u)
            least = min(least, clear)
    found, change = cp.normalized(factors, NOTHING), []
    scale, grown = factors[0][0] * 0 + 1, factors[0][0] * 0
    for factor, delta, unit in list(zip(factors, off, found))[1:]:
        length = np.sqrt((factor * factor).sum(axis=0))
        lost = np.sqrt((delta * delta).sum(axis=0))
        for r in range(rank):
            if not length[r]:
                continue
            if 2 * lost[r] >= length[r]:
                return found, off, 0.0
            least = min(least, sign(unit[:, r]))
        safe = np.array([x if x else Decimal(1) for x in length], object)
        change.append(2 * (delta + np.abs(factor) * lost / safe) / safe)
        grown, scale = grown + 2 * lost / safe, scale * length
    first = 2 * scale * (off[0] + np.abs(factors[0]) * grown)
    return found, [first, *change], least


def _solution_off(W: Matrix, factors: list[Matrix], off: list[Matrix], mode: int, u: Decimal) -> tuple[Matrix, float]:
    """What F = N·G⁻¹ may be off, and the smallest pivot of G as a share of its column; 0 where nothing bounds it."""
    others = [k for k in range(W.ndim) if k != mode]
    low = [np.abs(factors[k]) for k in others]
    high = [np.abs(factors[k]) + off[k] for k in others]
    G = prod_of([factors[k].T @ factors[k] for k in others])
    G_low, G_high = (prod_of([f.T @ f for f in fs]) for fs in (low, high))
    lengths = sum(W.shape[k] for k in others) + W.ndim
    dG = G_high - G_low + lengths * u * G_high
    size = np.abs(np.moveaxis(W, mode, 0).reshape(W.shape[mode], -1))
    KR_low, KR_high = cp.khatri_rao(low), cp.khatri_rao(high)
    dN = size @ (KR_high - KR_low) + (size.shape[1] + W.ndim) * u * (size @ KR_high)
    identity = np.full(G.shape, Decimal(0))
    identity[range(len(G)), range(len(G))] = Decimal(1)
    inverse = np.abs(cp.solved(G, identity, NOTHING))
    diagonal = np.sqrt(G.diagonal())
    solving = 6 * len(G) * u * diagonal[:, np.newaxis] * diagonal
    wrong = dG + solving
    share = (wrong @ inverse).sum(axis=1).max(initial=Decimal(0))
    if 2 * share >= 1 and size.any():
        return off[mode], 0.0
    pivots = [inverse[i, i] * G[i, i] for i in range(len(G))]
    clear = min((float(1 / p) if p else inf for p in pivots), default=inf)
    return 2 * (dN + np.abs(factors[mode]) @ wrong) @ inverse, clear


def prod_of(matrices: list[Matrix]) -> Matrix:
    """The Hadamard product."""
    found = matrices[0]
    for matrix in matrices[1:]:
        found = found * matrix
    return found


def held(A: Matrix) -> bool:
    """Whether every arithmetic has the singular values exactly: no two numbers in a row or column, sums of few bits."""
    filled = A != 0
    alone = bool((filled.sum(axis=0) <= 1).all() and (filled.sum(axis=1) <= 1).all())
    found = sorted((x * x for x in A.reshape(-1) if x), reverse=True)
    sums = np.cumsum(np.array(found, object)) if found else np.zeros(0, object)
    return alone and all(Decimal(float(np.float32(float(x)))) == x for x in (*found, *sums))
