"""DoReFa-Net: codes of weights by the reference's thresholds, everything else in one pass of float64."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import InvalidInput
from qref.kernels.quantizers.descent import moved
from qref.numerics.philox import Stream, uniform
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.check import dtype, same_shape
from qref.ops.operator import Operator
from qref.ops.request import Request
from qref.quantizers.descent import RATE
from qref.quantizers.dorefa import UNCHANGED, activation_codes, maxima, widths
from qref.quantizers.granularity import matrix
from qref.quantizers.weights import finite


def _inputs(request: Request, *names: str) -> list[NDArray[np.float32]]:
    """The inputs as finite float32 arrays of one shape."""
    found = []
    for name, x in zip(names, request.inputs, strict=True):
        first = request.inputs[0]
        assert x is not None and first is not None
        dtype(name, x, ("float32",))
        same_shape(name, x, names[0], first)
        found.append(finite(name, x.data))
    return found


def _tensor(values: NDArray[Any]) -> Tensor:
    with np.errstate(over="ignore"):
        return Tensor("float32", values.astype(np.float32))


def dorefa_weight_step(request: Request, operator: Operator) -> tuple[Tensor, Tensor]:
    """DoReFaWeightStep."""
    given = keywords(request, operator)
    bits, eta = given.get("bits", 2), given.get("learning_rate", RATE)
    W, g = _inputs(request, "W", "g")
    if bits in (1, UNCHANGED) or not W.size:
        return _tensor(g), moved(W, g, eta)
    widths(bits)
    if not W.any():
        raise InvalidInput("W is all zeros: tanh(w) / max |tanh w| has no derivative; give a layer with a weight")
    t, d = np.tanh(W.astype(np.float64)), g.astype(np.float64)
    highest, m = np.abs(W) == np.abs(W).max(), np.abs(t).max()
    through_m = highest * np.sign(t) * ((d * t).sum() / (m * m * highest.sum()))
    slope = (1 - t * t) * (d / m - through_m)
    return _tensor(slope), moved(W, slope, eta)


def dorefa_activation(request: Request, operator: Operator) -> Tensor:
    """DoReFaActivation."""
    bits = keywords(request, operator).get("bits", 2)
    [x] = _inputs(request, "x")
    return _tensor(x) if bits == UNCHANGED else _tensor(activation_codes(x, bits) / np.float64(widths(bits)))


def dorefa_gradient(request: Request, operator: Operator) -> Tensor:
    """DoReFaGradient."""
    given = keywords(request, operator)
    bits, stream = given.get("bits", 2), Stream(given.get("seed", 0), given.get("tensor", 0))
    [dr] = _inputs(request, "dr")
    if bits == UNCHANGED:
        return _tensor(dr)
    n = widths(bits)
    sigma = uniform(stream.words(dr.size)).reshape(matrix(dr.shape)) - 0.5
    M = maxima(dr).astype(np.float64)[:, np.newaxis]
    share = dr.reshape(matrix(dr.shape)) / np.where(M > 0, 2 * M, 1.0)
    codes = np.rint(n * (share + 0.5) + sigma)
    return _tensor((M * ((2 * codes - n) / n)).reshape(dr.shape))
