"""ScalarCodebookLloyd, SharedWeightGradient, SharedWeightStep: Lloyd's steps on sorted weights, gradients in one pass.

A step looks each boundary up among the sorted weights and adds up only what lies between its old place and the new
one; sums are whole numbers, so each step is the reference's.
"""

from fractions import Fraction
from itertools import pairwise
from math import inf
from typing import Any

import numpy as np
from numba import float32, float64, njit, uint8, void
from numpy.typing import NDArray

from qref.codebooks.clusters import Clusters, filled
from qref.codebooks.scalar import ScalarCodebookLloyd, density, linear, lloyd, start
from qref.kernels.codebooks.exact_prefix import ExactPrefix
from qref.kernels.codebooks.optimal_scalar import coded, weights
from qref.numerics.philox import Stream
from qref.numerics.tensor import Tensor
from qref.numerics.whole_numbers import STEP
from qref.ops import keywords
from qref.ops.check import dtype, require, same_shape
from qref.ops.operator import Operator
from qref.ops.qref import granularity as grain
from qref.ops.qref.encoded import tensors
from qref.ops.qref.scalar_codebook import MOST
from qref.ops.request import Request
from qref.quantizers.encoded import Coded
from qref.quantizers.granularity import Granularity
from qref.quantizers.thresholds import above
from qref.quantizers.weights import finite, known

FEW = 16


@njit(void(float32[::1], uint8[::1], float64[::1]), cache=True)
def sums_by_code(g: Any, codes: Any, sums: Any) -> None:
    """sums[k] = Σ g over the weights with code k, what each addition loses added up beside it."""
    lost = np.zeros(sums.size)
    for i in range(g.size):
        k, term = codes[i], np.float64(g[i])
        s = sums[k] + term
        back = s - sums[k]
        lost[k] += (sums[k] - (s - back)) + (term - back)
        sums[k] = s
    sums += lost


def encode(scheme: ScalarCodebookLloyd, W: NDArray[np.float32], *, stream: Stream | None = None, **_: Any) -> Coded:
    """What `scheme.encode(W, stream=stream)` gives."""
    W, V = finite("W", W), 1 << scheme.bits
    parts = zip(scheme.granularity.parts(W), scheme.words(W.shape, stream))
    return coded(W, scheme.granularity, scheme.bits, (clusters(scheme, w, V, words) for w, words in parts))


def clusters(scheme: ScalarCodebookLloyd, w: NDArray[np.float32], V: int, words: NDArray[np.uint32]) -> Clusters:
    """What the reference's `lloyd` gives from the scheme's start."""
    if w.size <= FEW:
        return lloyd(w, start(w, V, scheme.start, words), V, scheme.iterations)
    x = np.sort(w)
    if scheme.start == "random":
        C = start(w, V, scheme.start, words)
    else:
        C = sorted(set(linear(x[[0, -1]], V) if scheme.start == "linear" else density(x, V)))
    P, ends = ExactPrefix(x), [0]
    for _ in range(scheme.iterations):
        before, ends = ends, assigned(x, C)
        if ends == before:
            break
        runs = pairwise([0, *ends])
        C = [Fraction(P(j) - P(i), j - i) * STEP if i < j else c for c, (i, j) in zip(C, runs, strict=True)]
    least = [float(x[p]) if p < x.size else inf for p in ends[:-1]]
    return Clusters(tuple(least), filled(C, V))


def assigned(x: NDArray[np.float32], C: list[Fraction]) -> list[int]:
    """Where each cluster ends: at the first number above the middle to the next centroid."""
    beyond = np.array([above((a + b) / 2) for a, b in pairwise(C)], np.float32)
    return [*np.searchsorted(x, beyond).tolist(), x.size]


def scalar_codebook_lloyd(request: Request, operator: Operator) -> tuple[Tensor, Tensor]:
    """ScalarCodebookLloyd."""
    given = _given(request, operator)
    parts = grain.of(given["granularity"], given["group_size"])
    scheme = ScalarCodebookLloyd(given["bits"], parts, given["start"], given["iterations"])
    return tensors(encode(scheme, weights(request), stream=Stream(given["seed"], given["tensor"])))


def _given(request: Request, operator: Operator) -> dict[str, Any]:
    return {name: one.default for name, one in operator.attributes.items()} | keywords(request, operator)


def shared_weight_gradient(request: Request, operator: Operator) -> Tensor:
    """SharedWeightGradient."""
    given = _given(request, operator)
    g, codes = request.inputs
    assert g is not None and codes is not None
    parts = grain.of(given["granularity"], given["group_size"])
    return Tensor("float32", _narrowed(_sums(g, codes, given["values"], parts)))


def shared_weight_step(request: Request, operator: Operator) -> Tensor:
    """SharedWeightStep."""
    given = _given(request, operator)
    C, codes, g = request.inputs
    assert C is not None and codes is not None and g is not None
    dtype("C", C, ("float32",))
    parts = grain.of(given["granularity"], given["group_size"])
    count = parts.count(codes.shape)
    require(len(C.shape) == 2 and C.shape[0] == count, f"C has shape {list(C.shape)}: give one a part, [{count}, V]")
    sums = _sums(g, codes, C.shape[1], parts)
    return Tensor("float32", _narrowed(finite("C", C.data) - given["learning_rate"] * sums))


def _sums(g: Tensor, codes: Tensor, V: int, granularity: Granularity) -> NDArray[np.float64]:
    dtype("g", g, ("float32",))
    dtype("codes", codes, ("uint8",))
    same_shape("codes", codes, "g", g)
    require(1 <= V <= MOST, f"a codebook of {V} values: give 1 to {MOST}")
    known(codes.data, V, f"in a codebook of {V} values")
    sums = np.zeros((granularity.count(g.shape), V))
    parts = zip(granularity.parts(_writeable(finite("g", g.data))), granularity.parts(_writeable(codes.data)), sums)
    for part, b, of_part in parts:
        sums_by_code(part, b, of_part)
    return sums


def _writeable(x: NDArray[Any]) -> NDArray[Any]:
    """For compiled loops."""
    return np.require(x, requirements=["C", "W"])


def _narrowed(x: NDArray[np.float64]) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):
        return x.astype(np.float32)
