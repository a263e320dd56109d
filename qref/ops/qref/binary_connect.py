"""BinaryConnect, BinaryConnectBackward, BinaryConnectStep: binarization, gradients and update of BinaryConnect.

qref's own operators (domain "qref", opset 1).
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.numerics.exact_sums import dot
from qref.numerics.floats import decode, encode, float_format
from qref.numerics.philox import Stream
from qref.numerics.tensor import Tensor
from qref.ops import bound
from qref.ops.bound import Bound, magnitude, of_dot, subnormal_products
from qref.ops.check import dtype, require, same_shape
from qref.ops.operator import Attribute, Operator
from qref.quantizers import binary_connect as scheme
from qref.quantizers.weights import finite

FLOAT32 = float_format("float32")
RATE = float(np.float32(0.01))
"""η where none is given."""
MODES = ("deterministic", "stochastic")
RANDOM = {"mode": Attribute("string", MODES[0]), "seed": Attribute("int", 0), "tensor": Attribute("int", 0)}


def stream_of(mode: str, seed: int, tensor: int) -> Stream | None:
    """The words of a stochastic request, None for a deterministic one. Raises InvalidInput for another mode."""
    require(mode in MODES, f"mode is {mode!r}: give {' or '.join(MODES)}")
    return Stream(seed, tensor) if mode == "stochastic" else None


def numbers(name: str, x: Tensor) -> NDArray[np.float32]:
    """The values of a finite float32 input. Raises InvalidInput for any other."""
    dtype(name, x, ("float32",))
    return finite(name, x.data)


def binary_connect(W: Tensor, *, mode: str = "deterministic", seed: int = 0, tensor: int = 0, opset: int = 1) -> Tensor:
    """w_b: int8 of W's shape, ±1.

    Args:
        W: finite float32. mode: "deterministic" (w ≥ 0) or "stochastic" (hard sigmoid, word i of the stream for weight
        i). seed, tensor: of the stream.

    Raises:
        InvalidInput: another type, NaN or infinity, another mode, a seed or tensor number below 0.
    """
    w_b = scheme.binarized(numbers("W", W), stream_of(mode, seed, tensor))
    return Tensor("int8", w_b.astype(np.int8))


def binary_connect_backward(
    a: Tensor, W: Tensor, g: Tensor, *, mode: str = "deterministic", seed: int = 0, tensor: int = 0, opset: int = 1
) -> tuple[Tensor, Tensor]:
    """∂C/∂a = g W_b [N, K] and ∂C/∂w_b = gᵀ a [M, K] of a linear layer z = a W_bᵀ, each element rounded once.

    Args:
        a: [N, K], W: real weights [M, K], g: ∂C/∂z [N, M]; finite float32. mode, seed, tensor: how W was binarized.

    Raises:
        InvalidInput: types or shapes that do not fit, NaN or infinity, another mode.
    """
    inputs, W_b, gradient = _layer(a, W, g, stream_of(mode, seed, tensor))
    of_a, of_weights = scheme.backward(inputs, W_b, gradient)
    return encode(of_a, "float32"), encode(of_weights, "float32")


def _layer(a: Tensor, W: Tensor, g: Tensor, stream: Stream | None) -> tuple[NDArray[np.float32], ...]:
    inputs, weights, gradient = layer(a, W, g)
    return inputs, scheme.binarized(weights, stream), gradient


def layer(a: Tensor, W: Tensor, g: Tensor) -> tuple[NDArray[np.float32], ...]:
    """The values of a linear layer's a [N, K], W [M, K] and g [N, M]. Raises InvalidInput where they do not fit."""
    found = numbers("a", a), numbers("W", W), numbers("g", g)
    require(a.data.ndim == W.data.ndim == 2, f"a has shape {list(a.shape)}, W {list(W.shape)}: give [N, K] and [M, K]")
    require(a.shape[1] == W.shape[1], f"a has {a.shape[1]} columns, W {W.shape[1]}: they must be the same")
    wanted = (a.shape[0], W.shape[0])
    require(g.shape == wanted, f"g has shape {list(g.shape)}: give {list(wanted)}, one gradient an output")
    return found


def backward_bound(a: Tensor, W: Tensor, g: Tensor, *, opset: int = 1, **random: Any) -> list[Bound]:
    """Those of two products of matrices."""
    inputs, W_b, gradient = _layer(a, W, g, stream_of(**{"mode": "deterministic", "seed": 0, "tensor": 0, **random}))
    of_a, of_weights = binary_connect_backward(a, W, g, **random)
    return [of_product(of_a, gradient, W_b), of_product(of_weights, gradient.T, inputs)]


def of_product(y: Tensor, left: NDArray[np.float32], right: NDArray[np.float32]) -> Bound:
    """The bound of a product of matrices."""
    p, q = left.astype(np.float64), right.astype(np.float64)
    flushed = subnormal_products(p, q, FLOAT32)
    return of_dot(y, left.shape[1] + 1, magnitude(p, q), flushed=flushed)


def binary_connect_step(W: Tensor, g: Tensor, *, learning_rate: float = RATE, opset: int = 1) -> Tensor:
    """W' = clip(W − η g, −1, 1), float32 of W's shape: the difference rounded once, then clipped.

    Args:
        W: real weights, g: ∂C/∂w_b, finite float32 of one shape. learning_rate: η.

    Raises:
        InvalidInput: types or shapes that differ, NaN or infinity.
    """
    weights, gradient = numbers("W", W), numbers("g", g)
    same_shape("g", g, "W", W)
    return Tensor("float32", scheme.step(weights, gradient, learning_rate))


def step_bound(W: Tensor, g: Tensor, *, learning_rate: float = RATE, opset: int = 1) -> list[Bound]:
    """That of the difference before the clip, which brings two numbers never further apart: 0 where both are beyond."""
    clipped = decode(binary_connect_step(W, g, learning_rate=learning_rate))
    pair = np.stack([decode(W), decode(g)], axis=-1)[..., np.newaxis, :]
    factors = np.array([[1.0], [-learning_rate]])
    exact = dot(pair, factors, bound.MAGNITUDE)[..., 0, 0]
    open_end = of_dot(encode(exact, "float32"), 3, magnitude(pair, factors)[..., 0, 0])

    def after_clip(tolerance: NDArray[np.float64]) -> NDArray[np.float64]:
        reached = np.clip(exact[np.newaxis] + np.stack([-tolerance, tolerance]), -1.0, 1.0)
        moved: NDArray[np.float64] = np.abs(reached - clipped).max(axis=0, initial=0.0)
        return moved

    wider = tuple((reason, after_clip(tolerance)) for reason, tolerance in open_end.wider)
    return [replace(open_end, tolerance=after_clip(open_end.tolerance), wider=wider, overflow=None)]


OPERATORS = (
    Operator("BinaryConnect", "qref", (1,), (1, 1), 1, RANDOM, binary_connect),
    Operator("BinaryConnectBackward", "qref", (1,), (3, 3), 2, RANDOM, binary_connect_backward, bound=backward_bound),
    Operator(
        "BinaryConnectStep",
        "qref",
        (1,),
        (2, 2),
        1,
        {"learning_rate": Attribute("float", RATE)},
        binary_connect_step,
        bound=step_bound,
    ),
)
