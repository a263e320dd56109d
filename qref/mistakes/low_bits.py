"""What mistakes in DoReFa-Net share: the steps of its rules in float64, to be replaced one at a time."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import Unsupported
from qref.numerics.floats import encode
from qref.numerics.philox import Stream, uniform
from qref.numerics.tensor import Tensor
from qref.ops.request import Request
from qref.quantizers.dorefa import UNCHANGED
from qref.quantizers.granularity import matrix

WEIGHT, ACTIVATION, GRADIENT = "DoReFaWeight", "DoReFaActivation", "DoReFaGradient"
STEP, BACKWARD = "DoReFaWeightStep", "DoReFaActivationBackward"

Array = NDArray[np.float64]


def data(request: Request, position: int = 0) -> Array:
    """An input in float64."""
    x = request.inputs[position]
    assert x is not None
    return x.data.astype(np.float64)


def levels(request: Request, least: int = 1) -> int:
    """n = 2^bits − 1. Raises Unsupported where numbers are not quantized, or have fewer bits than the rule is for."""
    bits = int(request.attributes.get("bits", 2))
    if bits == UNCHANGED or bits < least:
        raise Unsupported(f"{bits} bits: the mistake is one with codes of {least} bits or more")
    return 2**bits - 1


def weights(request: Request, r: Array) -> list[Tensor]:
    """Codes round(n·r), held to 0 … n, and the right codebook."""
    n = levels(request, least=2)
    codes = np.clip(np.rint(n * r), 0, n).astype(np.uint8)
    return [Tensor("uint8", codes), encode((2 * np.arange(n + 1.0) / n - 1)[np.newaxis], "float32")]


def squashed(W: Array) -> Array:
    """tanh w / (2 max |tanh w|) + 1/2."""
    t = np.tanh(W)
    m = np.abs(t).max(initial=0.0)
    return np.asarray(t / (2 * m) + 0.5 if m else np.full(W.shape, 0.5))


def maximum(dr: Array) -> Array:
    """M of each instance, in a shape that broadcasts to instances."""
    rows = dr.reshape(matrix(dr.shape))
    return np.asarray(np.abs(rows).max(axis=1, initial=0.0)[:, np.newaxis])


def noise(request: Request, shape: tuple[int, ...]) -> Array:
    """word · 2⁻³² of each element, in [0, 1)."""
    stream = Stream(request.attributes.get("seed", 0), request.attributes.get("tensor", 0))
    return uniform(stream.words(int(np.prod(shape, dtype=np.int64)))).reshape(matrix(shape))


def gradients(dr: Array, M: Array, codes: Array, n: int) -> list[Tensor]:
    """M · (2c − n) / n, codes held to 0 … n."""
    held = np.clip(codes, 0, n)
    return [encode((M * (2 * held - n) / n).reshape(dr.shape), "float32")]


def share(dr: Array, M: Array) -> Array:
    """dr / 2M + 1/2 by instances."""
    rows = dr.reshape(matrix(dr.shape))
    return np.asarray(np.divide(rows, 2 * M, out=np.zeros(rows.shape), where=M > 0) + 0.5)


def moved(request: Request, slope: Array) -> list[Tensor]:
    """A gradient of weights, and the step by it."""
    eta: Any = request.attributes.get("learning_rate", float(np.float32(0.01)))
    return [encode(slope, "float32"), encode(data(request) - eta * slope, "float32")]
