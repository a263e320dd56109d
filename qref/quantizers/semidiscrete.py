"""Semidiscrete decomposition, as Fixed-point Factorized Networks take it: W ≈ Σᵢ dᵢ·xᵢ·yᵢᵀ, x and y of −1, 0 and 1.

Kolda, O'Leary, "A semidiscrete matrix decomposition for latent semantic indexing in information retrieval", 1998: terms
one after the other, each the best found for the residual R, with x and y improved in turn until neither changes. For y
fixed and s = Ry,

    ‖R − d·x·yᵀ‖² = ‖R‖² − (xᵀs)² / (xᵀx·yᵀy)        where d = xᵀRy / (xᵀx·yᵀy)

so the best x has the signs of the J largest |s|, J where (|s|₁ + … + |s|_J)² / J is largest; for x fixed likewise.

Wang, Cheng, "Fixed-point Factorized Networks", CVPR 2017: the same, and then each term again with the others fixed,
epoch after epoch. Start, stop and number of terms are those of the authors' code (github peiswang/FFN, sdd.py,
main_ffn.py). [seed: Fixed-point Factorized Networks, minimize ‖W − XDYᵀ‖²]
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
from qref.quantizers.factorized import Factorized
from qref.quantizers.granularity import matrix
from qref.quantizers.scheme import Scheme
from qref.quantizers.weights import finite

FLOAT32 = float_format("float32")
LONGEST = 1000  # alternations of a term, as in the authors' code; in exact arithmetic they end by themselves

Ternary = NDArray[np.int8]


def best(s: Whole) -> Ternary:
    """The x of −1, 0 and 1 that maximizes (xᵀs)² / xᵀx; of several the one with fewest nonzeros; 0 for s = 0.

    s: exact numbers of any scale.
    """
    order = sorted(range(len(s)), key=lambda i: -abs(s[i]))
    total, J, of_J, count = 0, 0, 0, 1
    for j, i in enumerate(order, start=1):
        total += abs(s[i])
        if total**2 * count > of_J**2 * j:
            J, of_J, count = j, total, j
    x = np.zeros(len(s), np.int8)
    for i in order[:J]:
        x[i] = 1 if s[i] > 0 else -1
    return x


def start(R: Whole, y: Ternary) -> Ternary:
    """The y that a term begins with: y itself, all ones, or the first column with a nonzero; the first with Ry ≠ 0."""
    ones = np.ones_like(y)
    for given in (y, ones):
        if (R @ given).any():
            return given
    columns = np.flatnonzero((R != 0).any(axis=0))
    return np.where(np.arange(y.size) == columns[0], 1, 0).astype(np.int8) if columns.size else np.zeros_like(y)


@dataclass(frozen=True, eq=False)
class Step:
    """A decision: `chosen` is the best ternary vector for s, the residual times `fixed`; factors as they stood.

    That s = 0 is one as well, and then `chosen` is 0.
    """

    s: Whole
    fixed: Ternary
    chosen: Ternary
    transposed: bool
    X: Ternary
    D: NDArray[np.float32]
    Y: Ternary


def decompose(W: NDArray[np.float32], terms: int, epochs: int) -> Iterator[Step]:
    """All decisions in their order. The factors X [M, k], D [k], Y [k, K] of the last one are the result.

    Args:
        W: [M, K]. terms: k. epochs: how often each term is found, from the second on with all others fixed.
    """
    (M, K), R = W.shape, whole(W)
    X, D, Y = np.zeros((M, terms), np.int8), np.zeros(terms, np.float32), np.zeros((terms, K), np.int8)
    nothing, ones = np.zeros(M, np.int8), np.ones(K, np.int8)
    for _ in range(epochs):
        before = X.tobytes(), D.tobytes(), Y.tobytes()
        for i in range(terms):
            if not R.any() and not X[:, i:].any():
                yield Step(R @ ones, ones, nothing, False, X, D, Y)
                break  # nothing is left: all terms from here on are zero, and stay so
            R = R + term(X[:, i], D[i : i + 1], Y[i])
            D[i] = 0
            y = start(R, Y[i])
            for given in (Y[i].copy(), ones):
                if np.array_equal(given, y):
                    break
                if given.any():  # Ry = 0 is a decision too
                    yield Step(R @ given, given, nothing, False, X, D, Y)
            for _ in range(LONGEST):
                s = R @ y
                x = best(s)
                yield Step(s, y, x, False, X, D, Y)
                s, last = x @ R, y
                y = best(s)
                yield Step(s, x, y, True, X, D, Y)
                if np.array_equal(y, last):
                    break
            X[:, i], Y[i], D[i] = x, y, scale(R, x, y)
            R = R - term(x, D[i : i + 1], y)
        if before == (X.tobytes(), D.tobytes(), Y.tobytes()):
            break


def term(x: Ternary, d: NDArray[np.float32], y: Ternary) -> Whole:
    """d·x·yᵀ, exact. d: float32 [1]."""
    found: Whole = whole(d) * np.outer(x, y).astype(object)
    return found


def scale(R: Whole, x: Ternary, y: Ternary) -> float:
    """d = xᵀRy / (xᵀx·yᵀy), rounded to float32 (its largest number where it is larger); 0 for x = y = 0."""
    ones = int(np.abs(x).sum()) * int(np.abs(y).sum())
    d = Fraction(int(x @ (R @ y)), ones) * STEP if ones else Fraction(0)
    return min(nearest(d, FLOAT32), FLOAT32.highest)


def number_of_terms(shape: tuple[int, ...], terms: int) -> int:
    """k: as many as asked for, or min(M, K) for 0. Raises InvalidInput for fewer than 0."""
    if terms < 0:
        raise InvalidInput(f"terms is {terms}: give a number from 1 on, or 0 for min(M, K)")
    return terms or min(matrix(shape))


def number_of_epochs(epochs: int) -> int:
    """The epochs asked for. Raises InvalidInput for fewer than one."""
    if epochs < 1:
        raise InvalidInput(f"epochs is {epochs}: give a number from 1 on")
    return epochs


@dataclass(frozen=True)
class FixedPointFactorized:
    """FFN: two ternary factors and a diagonal. terms: k, 0 for min(M, K). epochs: 1 for the greedy terms alone."""

    terms: int = 0
    epochs: int = 1

    def encode(
        self, W: NDArray[np.float32], *, inputs: NDArray[Any] | None = None, stream: Stream | None = None
    ) -> Factorized:
        """The factors of W as a matrix of output channels.

        Raises:
            InvalidInput: W is not float32 or not finite, fewer than no terms, fewer than one epoch.
        """
        W = finite("W", W)
        M, K = matrix(W.shape)
        k = number_of_terms(W.shape, self.terms)
        factors = np.zeros((M, k), np.int8), np.zeros(k, np.float32), np.zeros((k, K), np.int8)
        for step in decompose(W.reshape(M, K), k, number_of_epochs(self.epochs)):
            factors = step.X, step.D, step.Y
        X, D, Y = factors
        return Factorized(W.shape, X, D, Y.reshape(k, *W.shape[1:]))


def margin(W: NDArray[np.float32], terms: int = 0, epochs: int = 1) -> float:
    """How near the nearest decision comes to its boundary, relative to the sums that it is made of."""
    W = finite("W", W)
    M, K = matrix(W.shape)
    W = W.reshape(M, K)
    steps = decompose(W, number_of_terms((M, K), terms), number_of_epochs(epochs))
    return min((_distance(step, W) for step in steps), default=np.inf)


def _distance(step: Step, W: NDArray[np.float32]) -> float:
    """Of a step: how far J is from another, and the J largest |s| from the others and from 0.

    Sums are as uncertain as Σ(|W| + Σ|d·x·y|) over their terms, which is what distances are taken relative to. Where
    all of that is exact in float32, whatever the order, a tie is decided and does not count.
    """
    size = np.abs(whole(W)) + np.abs(step.X).astype(object) * whole(step.D) @ np.abs(step.Y).astype(object)
    terms = (np.abs(step.fixed) @ size) if step.transposed else size @ np.abs(step.fixed)
    if exact_in_float32(int(size.sum()) ** 2, coarsest(whole(W), whole(step.D)) ** 2):
        return np.inf
    order = sorted(range(len(step.s)), key=lambda i: -abs(step.s[i]))
    J = int(np.abs(step.chosen).sum())
    if not J:
        return 0.0 if size.any() else np.inf
    s, a = [abs(step.s[i]) for i in order], [terms[i] for i in order]
    S, A = np.cumsum(np.array(s, object)), np.cumsum(np.array(a, object))
    found = [_ratio(s[i], a[i]) for i in range(J)]
    if len(s) > J:
        found.append(_ratio(s[J - 1] - s[J], max(a)))
    roots = [_ratio(S[j], A[J - 1]) * (J / (j + 1)) ** 0.5 for j in range(len(s))]
    found += [roots[J - 1] - root for j, root in enumerate(roots) if j != J - 1]
    return max(min(found), 0.0)


def _ratio(a: int, b: int) -> float:
    return float(Fraction(a, b))


SEMIDISCRETE = Scheme(
    "ffn",
    "two ternary factors and a diagonal, W ≈ XDYᵀ with min(M, K) terms: semidiscrete decomposition",
    lambda bits, granularity: FixedPointFactorized(),
    bits=(2,),
    usual=2,
    granularities=("tensor",),
    iterative=True,
)
