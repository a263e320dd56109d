"""GridQuantize and the schemes on grids: one pass for the spread of each part, one for the codes, sums in float64."""

from typing import Any

import numpy as np
from numba import boolean, float32, float64, int8, int32, int64, njit, uint8, void
from numpy.typing import NDArray

from qref.kernels.quantizers.parts import begins
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.check import dtype, scalar
from qref.ops.operator import Operator
from qref.ops.qref import granularity as grain
from qref.ops.qref.encoded import tensors
from qref.ops.request import Request
from qref.quantizers import non_uniform
from qref.quantizers.encoded import Scaled
from qref.quantizers.grid import Grid
from qref.quantizers.lloyd_max_weights import LloydMaxWeights, levels
from qref.quantizers.logarithmic_weights import LogarithmicWeights, codebook, places
from qref.quantizers.scaled_codebook import ScaledCodebook
from qref.quantizers.uniform_weights import UniformWeights, best_step
from qref.quantizers.weights import finite

LARGEST = float(np.finfo(np.float32).max)


@njit(void(float32[::1], float64, int64, int64, boolean, int32[::1]), cache=True)
def grid_codes(x: Any, step: float, lowest: int, top: int, rise: bool, codes: Any) -> None:
    """The codes of one grid, halfway away from zero; rise: (k + 1/2)Δ in place of kΔ."""
    shift = 0.0 if rise else 0.5
    for i in range(x.size):
        k = np.int64(min(np.floor(abs(np.float64(x[i])) / step + shift), float(top)))
        if x[i] < 0:
            k = -1 - k if rise else max(-k, np.int64(lowest))
        codes[i] = k


@njit(void(float32[::1], int64[::1], float32[::1], int64, int8[::1]), cache=True)
def signed_codes(W: Any, begin: Any, steps: Any, top: int, codes: Any) -> None:
    """The codes of the signed grid of each part."""
    for p in range(steps.size):
        step = np.float64(steps[p])
        for i in range(begin[p], begin[p + 1]):
            k = np.int64(min(np.floor(abs(np.float64(W[i])) / step + 0.5), float(top))) if step > 0 else 0
            codes[i] = -k if W[i] < 0 else k


@njit(void(float32[::1], int64[::1], float64[::1], float64[::1]), cache=True)
def spreads(W: Any, begin: Any, sigma: Any, largest: Any) -> None:
    """√(Σ w² / n) and max |w| of each part, 0 for a part without weights."""
    for p in range(sigma.size):
        total = most = 0.0
        for i in range(begin[p], begin[p + 1]):
            w = abs(np.float64(W[i]))
            total += w * w
            most = max(most, w)
        n = begin[p + 1] - begin[p]
        sigma[p] = np.sqrt(total / n) if n else 0.0
        largest[p] = most


@njit(void(float32[::1], uint8[::1], float64[::1], uint8[::1]), cache=True)
def nearest_codes(w: Any, order: Any, T: Any, codes: Any) -> None:
    """The code of the value nearest to each w: order[the number of boundaries T ≤ 2w], found by halving."""
    for i in range(w.size):
        twice, low, high = 2 * np.float64(w[i]), 0, T.size
        while low < high:
            middle = (low + high) // 2
            if T[middle] <= twice:
                low = middle + 1
            else:
                high = middle
        codes[i] = order[low]


def encode_uniform(scheme: UniformWeights, W: NDArray[np.float32], **_: Any) -> Scaled:
    """What `scheme.encode(W)` gives, steps within their bound."""
    W = finite("W", W)
    factor = float(best_step(scheme.bits))
    begin, sigma, _most = measured(scheme, W)
    steps = np.minimum(factor * sigma, LARGEST).astype(np.float32)
    codes = np.empty(W.shape, np.int8)
    signed_codes(W.reshape(-1), begin, steps, (1 << (scheme.bits - 1)) - 1, codes.reshape(-1))
    return Scaled(codes, steps, scheme.granularity, scheme.bits)


def encode_lloyd_max(scheme: LloydMaxWeights, W: NDArray[np.float32], **_: Any) -> ScaledCodebook:
    """What `scheme.encode(W)` gives, levels within their bound."""
    W = finite("W", W)
    unit = np.array([float(v) for v in levels(scheme.bits)])
    begin, spread, _most = measured(scheme, W)
    sigma = spread.astype(np.float32)
    books = np.clip(sigma[:, np.newaxis].astype(np.float64) * unit, -LARGEST, LARGEST).astype(np.float32)
    codes = np.empty(W.shape, np.uint8)
    flat, flat_codes = W.reshape(-1), codes.reshape(-1)
    for p, book in enumerate(books):
        part = slice(begin[p], begin[p + 1])
        nearest_codes(flat[part], *non_uniform.boundaries(book), flat_codes[part])
    return ScaledCodebook(codes, books, scheme.granularity, scheme.bits, scales=sigma)


def encode_logarithmic(scheme: LogarithmicWeights, W: NDArray[np.float32], **_: Any) -> ScaledCodebook:
    """What `scheme.encode(W)` gives."""
    W = finite("W", W)
    K = places(scheme.bits)
    begin, _sigma, most = measured(scheme, W)
    books = np.array([codebook(np.array([s], np.float32), K) for s in most], np.float32).reshape(-1, 2 * K + 2)
    # boundaries of magnitudes, in rising order as all of the ties go up there, but for the one at half the least power
    codes = np.empty(W.shape, np.uint8)
    flat, flat_codes = W.reshape(-1), codes.reshape(-1)
    for p, book in enumerate(books):
        part = slice(begin[p], begin[p + 1])
        order, T = non_uniform.boundaries(book[: K + 1])
        if T.size:
            T[0] = np.nextafter(T[0], np.inf)
        nearest_codes(np.abs(flat[part]), order, T, flat_codes[part])
        flat_codes[part] += ((flat[part] < 0) & (flat_codes[part] > 0)).astype(np.uint8) * np.uint8(K + 1)
    return ScaledCodebook(codes, books, scheme.granularity, scheme.bits, scales=books[:, K].copy())


def measured(scheme: Any, W: NDArray[np.float32]) -> tuple[NDArray[np.int64], Any, Any]:
    """Where the parts begin, their spreads and their largest magnitudes."""
    begin = begins(scheme.granularity, W.shape)
    sigma, most = np.empty(begin.size - 1), np.empty(begin.size - 1)
    spreads(W.reshape(-1), begin, sigma, most)
    return begin, sigma, most


def grid_quantize(request: Request, operator: Operator) -> Tensor:
    """GridQuantize."""
    given = keywords(request, operator)
    x, step = request.inputs
    assert x is not None and step is not None
    dtype("x", x, ("float32",))
    dtype("step", step, ("float32",))
    scalar("step", step)
    grid = Grid(given.get("grid", "signed"), given.get("bits", 8), float(step.data))
    values = _writeable(finite("x", x.data))
    codes = np.zeros(values.shape, np.int32)
    if grid.step:
        lowest = int(grid.codes[0])
        grid_codes(values.reshape(-1), grid.step, lowest, grid.top, grid.kind == "mid-rise", codes.reshape(-1))
    return Tensor("int32", codes)


def uniform_weights(request: Request, operator: Operator) -> tuple[Tensor, Tensor]:
    """UniformWeights."""
    encoded = encode_uniform(UniformWeights(*_parameters(request, operator, 8)), _weights(request))
    return tensors(encoded)


def logarithmic_weights(request: Request, operator: Operator) -> tuple[Tensor, Tensor]:
    """LogarithmicWeights."""
    encoded = encode_logarithmic(LogarithmicWeights(*_parameters(request, operator, 4)), _weights(request))
    return tensors(encoded)


def lloyd_max_weights(request: Request, operator: Operator) -> tuple[Tensor, Tensor]:
    """LloydMaxWeights."""
    encoded = encode_lloyd_max(LloydMaxWeights(*_parameters(request, operator, 4)), _weights(request))
    return tensors(encoded)


def _parameters(request: Request, operator: Operator, usual: int) -> tuple[int, Any]:
    given = keywords(request, operator)
    parts = grain.of(given.get("granularity", "channel"), given.get("group_size", 0))
    return given.get("bits", usual), parts


def _weights(request: Request) -> NDArray[np.float32]:
    [W] = request.inputs
    assert W is not None
    dtype("W", W, ("float32",))
    return _writeable(W.data)


def _writeable(x: NDArray[np.float32]) -> NDArray[np.float32]:
    return x if x.flags.writeable else x.copy()
