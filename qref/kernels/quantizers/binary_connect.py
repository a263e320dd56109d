"""BinaryConnect: random signs straight from the counter, so that the words of a large tensor never stand in memory."""

from typing import Any

import numpy as np
from numba import float32, njit, uint8, uint64, void
from numpy.typing import NDArray

from qref.errors import InvalidInput
from qref.numerics.philox import M0, M1, ROUNDS, W0, W1, Stream
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.check import same_shape
from qref.ops.operator import Operator
from qref.ops.qref.binary_connect import layer, numbers, stream_of
from qref.ops.request import Request
from qref.quantizers.binary_connect import SIGNS, BinaryConnect
from qref.quantizers.encoded import Coded
from qref.quantizers.granularity import TENSOR
from qref.quantizers.weights import finite

LOW, HALF = np.uint64(0xFFFFFFFF), np.uint64(32)
STEP0, STEP1 = np.uint64(W0), np.uint64(W1)


@njit(void(float32[::1], uint64, uint64, uint64, uint8[::1]), cache=True)
def drawn(W: Any, key0: Any, key1: Any, tensor: Any, plus: Any) -> None:
    """plus[i] = 1 where word i of the stream, as u, has 2u − 1 < W[i]."""
    words = np.empty(4, np.uint64)
    for block in range((W.size + 3) // 4):
        c0, c1, c2, c3 = np.uint64(block) & LOW, np.uint64(block) >> HALF, tensor, np.uint64(0)
        k0, k1 = key0, key1
        for _ in range(ROUNDS):
            p0, p1 = M0 * c0, M1 * c2
            c0, c1, c2, c3 = (p1 >> HALF) ^ c1 ^ k0, p1 & LOW, (p0 >> HALF) ^ c3 ^ k1, p0 & LOW
            k0, k1 = (k0 + STEP0) & LOW, (k1 + STEP1) & LOW
        words[0], words[1], words[2], words[3] = c0, c1, c2, c3
        for i in range(4 * block, min(4 * block + 4, W.size)):
            plus[i] = 1 if np.float64(words[i & 3]) * 2.0**-31 - 1 < W[i] else 0


def bits(W: NDArray[np.float32], stream: Stream | None) -> NDArray[np.uint8]:
    """1 for +1, 0 for −1."""
    if stream is None:
        return (W >= 0).view(np.uint8)
    stream.words(0)  # refuses a seed or tensor number that is none
    plus = np.empty(W.shape, np.uint8)
    key = np.uint64(stream.seed % 2**32), np.uint64(stream.seed >> 32)
    drawn(W.reshape(-1), *key, np.uint64(stream.tensor), plus.reshape(-1))
    return plus


def encode(scheme: BinaryConnect, W: NDArray[np.float32], stream: Stream | None = None, **_: Any) -> Coded:
    """What `scheme.encode(W, stream=stream)` gives."""
    W = finite("W", W)
    if scheme.random and stream is None:
        raise InvalidInput("stochastic BinaryConnect draws a word a weight: give a stream")
    return Coded(bits(W, stream if scheme.random else None), SIGNS, TENSOR, width=1, stored=False)


def binary_connect(request: Request, operator: Operator) -> Tensor:
    """BinaryConnect."""
    stream = _stream(request, operator)
    [W] = request.inputs
    assert W is not None
    return Tensor("int8", _signs(numbers("W", W), stream))


def _stream(request: Request, operator: Operator) -> Stream | None:
    given = keywords(request, operator)
    return stream_of(given.get("mode", "deterministic"), given.get("seed", 0), given.get("tensor", 0))


def _signs(W: NDArray[np.float32], stream: Stream | None) -> NDArray[np.int8]:
    signs: NDArray[np.int8] = 2 * bits(W, stream).view(np.int8) - np.int8(1)
    return signs


def binary_connect_backward(request: Request, operator: Operator) -> tuple[Tensor, Tensor]:
    """BinaryConnectBackward, in float32."""
    stream = _stream(request, operator)
    a, W, g = request.inputs
    assert a is not None and W is not None and g is not None
    inputs, weights, gradient = layer(a, W, g)
    with np.errstate(over="ignore", invalid="ignore"):
        of_a = gradient @ _signs(weights, stream).astype(np.float32)
        return Tensor("float32", of_a), Tensor("float32", gradient.T @ inputs)


def binary_connect_step(request: Request, operator: Operator) -> Tensor:
    """BinaryConnectStep, in float32."""
    eta = np.float32(keywords(request, operator).get("learning_rate", operator.attributes["learning_rate"].default))
    W, g = request.inputs
    assert W is not None and g is not None
    weights, gradient = numbers("W", W), numbers("g", g)
    same_shape("g", g, "W", W)
    with np.errstate(over="ignore"):
        return Tensor("float32", np.clip(weights - eta * gradient, np.float32(-1), np.float32(1)))
