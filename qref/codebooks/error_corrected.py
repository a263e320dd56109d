"""Error-corrected codebooks: sub-vectors that keep a layer's outputs, not its weights.

Wu, Leng, Wang, Hu, Cheng, "Quantized convolutional neural networks for mobile devices", CVPR 2016, section 3.2: with S
what the layer is fed with and T = WS its outputs,

    min Σ_n ‖T_n − Σ_s (D^s B^s)ᵀ S_n^s‖²

by block coordinate descent: one sub-space after the other, whose codewords and codes have to make up for the residual
R^s = T − Σ_{s' ≠ s} (D^s' B^s')ᵀ S^s' that all others leave. Of output m with error e = w − w' and G = SSᵀ,

    Σ_n (T_n − w'ᵀS_n)² = eᵀGe

so that inputs are seen through G alone. With h = Ge, J the places of sub-space s and A = G_JJ,

    D_v = D_v + δ,  (Σ A) δ = Σ h_J      over the sub-vectors with code v: the codeword of least squares
    b = argmin_v (D_v − D_b)ᵀA(D_v − D_b) − 2(D_v − D_b)ᵀh_J        the codeword that leaves the least error

Few samples leave many codewords that are as good for them and bad for others: beside the paper's sum stands ρ times the
error of weights, in units of an input's mean energy, G + ρ·tr(G)/K·I in the place of G. ρ = 0 is the paper's.

In convolutions a kernel has a sub-vector at each tap, all of one codebook: Σ A is over pairs of taps with code v.
Codewords are float32 numbers at every step, each the exact solution rounded once. [seed: Quantized-CNN]
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.codebooks.product import ProductCodebook
from qref.codebooks.subvectors import Subvectors
from qref.errors import InvalidInput
from qref.numerics.floats import float_format, nearest
from qref.numerics.philox import Stream
from qref.numerics.whole_numbers import STEP, Whole, coarsest, whole
from qref.quantizers.granularity import matrix
from qref.quantizers.scheme import Scheme
from qref.quantizers.weights import finite

FLOAT32 = float_format("float32")
SWEEPS = 10  # over all sub-spaces, if codes still change
RIDGE = 1.0  # of the scheme, whose inputs are few; the objective of the paper has none

Codes = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Layer:
    """W [M, C·taps] and, of each group, G [C·taps, C·taps], as whole numbers. d: length of a sub-vector."""

    W: Whole
    G: tuple[Whole, ...]
    taps: int
    d: int

    @classmethod
    def of(cls, W: NDArray[np.float32], X: NDArray[np.float32], d: int, ridge: float) -> "Layer":
        """X: [groups, samples, C·taps], in a unit that does not matter. ridge: ρ."""
        x = whole(X)
        G = tuple(gram(one, ridge) for one in x // coarsest(x))
        return cls(whole(W.reshape(matrix(W.shape))), G, prod(W.shape[2:]), d)

    @property
    def channels(self) -> int:
        """C."""
        return self.W.shape[1] // max(self.taps, 1)

    @property
    def subspaces(self) -> list[slice]:
        """The input channels of each sub-space."""
        return [slice(begin, min(begin + self.d, self.channels)) for begin in range(0, self.channels, self.d)]

    def gram(self, m: int) -> Whole:
        """G of the inputs that output m sees."""
        return self.G[m * len(self.G) // len(self.W)]

    def places(self, tap: int, channels: slice) -> NDArray[np.int64]:
        """J: where a kernel has the sub-vector of a tap."""
        return np.arange(self.channels)[channels] * self.taps + tap

    def decoded(self, codes: Codes, D: Whole) -> Whole:
        """W' of codes [M·taps, S] and codewords [V, C]."""
        found = np.empty(self.W.shape, object)
        for m in range(len(found)):
            for tap in range(self.taps):
                for s, channels in enumerate(self.subspaces):
                    found[m, self.places(tap, channels)] = D[codes[m * self.taps + tap, s], channels]
        return found


@dataclass(frozen=True, eq=False)
class Solved:
    """A codeword before it moves: (Σ A) δ = Σ h, over the sub-vectors `rows`; pivots as `solved` meets them."""

    s: int
    v: int
    rows: NDArray[np.int64]
    A: Whole
    h: Whole
    pivots: list[Fraction]


@dataclass(frozen=True, eq=False)
class Chosen:
    """The errors that each codeword would leave in the place of a sub-vector's own, less what there is."""

    s: int
    row: int
    changes: list[int]


def gram(x: Whole, ridge: float) -> Whole:
    """XᵀX + ρ·tr(XᵀX)/K·I of x [samples, K], times K and ρ's denominator so that it is whole."""
    K, (p, q) = x.shape[1], Fraction(ridge).as_integer_ratio()
    G = x.T @ x if x.size else np.zeros((K, K), object)
    return max(K, 1) * q * G + p * np.diag(np.full(K, np.trace(G) if K else 0, object)) if p else G


def correction(layer: Layer, codes: Codes, D: Whole, sweeps: int) -> Iterator[Solved | Chosen]:
    """All steps in their order, each told before it is taken; codes [M·taps, S] and D [V, C] are changed in place."""
    E = layer.W - layer.decoded(codes, D)
    H = np.array([e @ layer.gram(m) for m, e in enumerate(E)], object).reshape(E.shape)
    for _ in range(sweeps):
        before = codes.copy()
        for s, channels in enumerate(layer.subspaces):
            for v in range(len(D)):
                rows = np.flatnonzero(codes[:, s] == v)
                if not rows.size:
                    continue
                A, h = normal_equations(layer, H, rows, channels)
                change, pivots = solved(A, h)
                yield Solved(s, v, rows, A, h, pivots)
                found = [rounded(old + step) for old, step in zip(D[v, channels], change)]
                step = np.array(found, object) - D[v, channels]
                D[v, channels] = found
                for row in rows.tolist():
                    move(layer, H, row, channels, step)
            for row in range(len(codes)):
                changes = errors(layer, H, row, channels, D, codes[row, s])
                yield Chosen(s, row, changes)
                best = min(range(len(D)), key=changes.__getitem__)
                move(layer, H, row, channels, D[best, channels] - D[codes[row, s], channels])
                codes[row, s] = best
        if np.array_equal(codes, before):
            break


def normal_equations(layer: Layer, H: Whole, rows: NDArray[np.int64], channels: slice) -> tuple[Whole, Whole]:
    """Σ A, over the pairs of taps of each kernel, and Σ h, of the sub-vectors `rows` in one sub-space."""
    width = channels.stop - channels.start
    A, h = np.zeros((width, width), object), np.zeros(width, object)
    for m in np.unique(rows // layer.taps):
        inside = [layer.places(row % layer.taps, channels) for row in rows if row // layer.taps == m]
        for J in inside:
            h = h + H[m, J]
            for other in inside:
                A = A + layer.gram(m)[np.ix_(J, other)]
    return A, h


def solved(A: Whole, h: Whole) -> tuple[list[Fraction], list[Fraction]]:
    """δ with Aδ = h, A symmetric and not indefinite, and the pivots of its elimination, in the order of the elements.

    An element whose pivot is 0, because its input is always 0 or follows from those before it, does not change.
    """
    n = len(h)
    rows = [[Fraction(int(a)) for a in A[i]] + [Fraction(int(h[i]))] for i in range(n)]
    pivots = []
    for i in range(n):
        pivots.append(rows[i][i])
        if not rows[i][i]:
            continue
        for below in range(i + 1, n):
            factor = rows[below][i] / rows[i][i]
            if factor:
                rows[below] = [b - factor * a for b, a in zip(rows[below], rows[i])]
    change = [Fraction(0)] * n
    for i in reversed(range(n)):
        if pivots[i]:
            change[i] = (rows[i][n] - sum(rows[i][j] * change[j] for j in range(i + 1, n))) / pivots[i]
    return change, pivots


def errors(layer: Layer, H: Whole, row: int, channels: slice, D: Whole, own: int) -> list[int]:
    """(D_v − D_b)ᵀA(D_v − D_b) − 2(D_v − D_b)ᵀh_J for every v."""
    m, tap = divmod(row, layer.taps)
    J = layer.places(tap, channels)
    A, h = layer.gram(m)[np.ix_(J, J)], H[m, J]
    steps = D[:, channels] - D[own, channels]
    return [int(step @ A @ step - 2 * (step @ h)) for step in steps]


def move(layer: Layer, H: Whole, row: int, channels: slice, step: Whole) -> None:
    """A sub-vector moves by `step`: h follows, for all places of its kernel."""
    if step.any():
        m, tap = divmod(int(row), layer.taps)
        H[m] = H[m] - layer.gram(m)[:, layer.places(tap, channels)] @ step


def rounded(value: Fraction) -> int:
    """In float32; beyond its largest number that. Units of 2⁻¹⁴⁹, as all whole numbers here."""
    found = max(-FLOAT32.highest, min(nearest(value * STEP, FLOAT32), FLOAT32.highest))
    return int(whole(np.array([found]))[0])


def given_inputs(W: NDArray[np.float32], inputs: NDArray[Any] | None) -> NDArray[np.float32]:
    """The inputs as [groups, samples, weights of a channel].

    Raises:
        InvalidInput: there are none, of another shape, not finite, or of groups that do not divide the channels.
    """
    M, K = matrix(W.shape)
    if inputs is None:
        raise InvalidInput(f"inputs are missing: give what the layer is fed with, [samples, {K}]")
    if inputs.ndim not in (2, 3) or inputs.shape[-1] != K:
        raise InvalidInput(f"inputs have shape {list(inputs.shape)}: give [samples, {K}], or [groups, samples, {K}]")
    X = finite("inputs", inputs)
    X = X[np.newaxis] if X.ndim == 2 else X
    if not len(X) or M % len(X):
        raise InvalidInput(f"inputs of {len(X)} groups for {M} output channels")
    return X


def corrected(
    start: Subvectors, W: NDArray[np.float32], X: NDArray[np.float32], sweeps: int, ridge: float
) -> Subvectors:
    """The sub-vectors after at most so many sweeps from `start` on. X: [groups, samples, weights of a channel]."""
    codes, D = start.codes.copy(), whole(start.codebooks)
    for _ in correction(Layer.of(W, X, start.d, ridge), codes, D, sweeps):
        pass
    codebooks = np.array([float(value * STEP) for value in D.reshape(-1)], np.float32).reshape(D.shape)
    return Subvectors(start.shape, start.layout, codes, codebooks, start.d, start.width)


@dataclass(frozen=True)
class ErrorCorrected:
    """Codewords of n bits, sub-vectors of d input channels; product quantization by k-means is the start.

    A matrix's rows are cut ("rows"), kernels along their input channels ("channels"). sweeps: if codes still change.
    ridge: ρ, a float32 number.
    """

    bits: int
    d: int
    sweeps: int = SWEEPS
    ridge: float = RIDGE

    def start(self, W: NDArray[np.float32]) -> ProductCodebook:
        """The product quantization of W that is corrected."""
        return ProductCodebook(self.bits, self.d, "channels" if W.ndim > 2 else "rows")

    def encode(
        self, W: NDArray[np.float32], *, inputs: NDArray[Any] | None = None, stream: Stream | None = None
    ) -> Subvectors:
        """Codes and codebooks. inputs: [samples, weights of a channel]; [groups, …] where a layer has groups.

        Raises:
            InvalidInput: W or inputs are not float32, not finite or do not fit, or inputs or stream are missing.
        """
        X = given_inputs(finite("W", W), inputs)
        return corrected(self.start(W).encode(W, stream=stream), W, X, self.sweeps, self.ridge)


QUANTIZED_CNN = Scheme(
    "quantized-cnn",
    "a code a sub-vector of input channels, codes and codebooks corrected by the layer's outputs on given inputs",
    lambda bits, granularity: ErrorCorrected(bits, granularity.size),
    bits=(1, 2, 3, 4, 5, 6, 7, 8),
    usual=5,
    granularities=("group",),
    group=4,
    iterative=True,
    inputs=True,
    stream=True,
    together=True,
)
