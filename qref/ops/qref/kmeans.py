"""KMeansStart and KMeansStep: which vectors k-means++ draws, and one step of k-means.

qref's own operators (domain "qref", opset 1).
"""

import numpy as np
from numpy.typing import NDArray

from qref.codebooks.kmeans import Step, Vectors, assigned, filled, means, number_of_values, start
from qref.codebooks.kmeans_margin import Centroids, margin_of_start, margin_of_step
from qref.numerics.philox import Stream
from qref.numerics.tensor import Tensor
from qref.ops import bound
from qref.ops.bound import Bound, of_dot
from qref.ops.check import dtype, require
from qref.ops.operator import Attribute, Operator
from qref.quantizers.weights import finite


def kmeans_start(X: Tensor, *, bits: int = 4, seed: int = 0, tensor: int = 0, opset: int = 1) -> Tensor:
    """Which vectors are the first centroids, int64 [V], V = min(2^bits, R), in the order of the draws.

    Args:
        X: finite float32 [R, d]. bits: 1 to 8. seed, tensor: of the stream, whose word v is that of draw v.

    Raises:
        InvalidInput: another type or rank, NaN or infinity, other bits, a seed or tensor number below 0.
    """
    return Tensor("int64", start(*start_of(X, bits=bits, seed=seed, tensor=tensor)))


def kmeans_start_margin(X: Tensor, *, bits: int = 4, seed: int = 0, tensor: int = 0, opset: int = 1) -> float:
    """How far each draw lies from the nearest end of a vector's share."""
    vectors, words = start_of(X, bits=bits, seed=seed, tensor=tensor)
    return margin_of_start(vectors, words, start(vectors, words))


def kmeans_step(X: Tensor, C: Tensor, *, opset: int = 1) -> tuple[Tensor, Tensor]:
    """The cells, empty ones filled, as uint8 codes [R]; their means, float32 [V, d].

    Args:
        X: finite float32 [R, d]. C: finite float32 [V, d], V from 1 to 256.

    Raises:
        InvalidInput: another type or shape, NaN or infinity.
    """
    step = _step_of(X, C)
    return Tensor("uint8", step.cells), Tensor("float32", step.after)


def kmeans_step_bound(X: Tensor, C: Tensor, *, opset: int = 1) -> list[Bound]:
    """None for the codes; for the centroids that of means."""
    step = _step_of(X, C)
    made = Centroids.given(step.before).after(X.data, step.cells)
    return [Bound(np.zeros(step.cells.shape)), of_centroids(step.after, made.size, made.terms[:, np.newaxis])]


def kmeans_step_margin(X: Tensor, C: Tensor, *, opset: int = 1) -> float:
    """How much nearer each centroid is than the next, and how much farther what an empty cell took."""
    step = _step_of(X, C)
    return margin_of_step(X.data, step, Centroids.given(step.before))


def of_centroids(C: Vectors, size: NDArray[np.float64], terms: NDArray[np.int64]) -> Bound:
    """The bound of means of `terms` numbers whose magnitudes have the mean `size`; none where nothing was added."""
    found = bound.may_overflow(of_dot(Tensor("float32", C), terms + 2, size), size * terms)
    drawn = np.broadcast_to(terms == 0, C.shape)
    wider = tuple((reason, np.where(drawn, 0.0, tolerance)) for reason, tolerance in found.wider)
    return Bound(np.where(drawn, 0.0, found.tolerance), wider, found.overflow & ~drawn)


def start_of(
    X: Tensor, *, bits: int = 4, seed: int = 0, tensor: int = 0, opset: int = 1
) -> tuple[Vectors, NDArray[np.uint32]]:
    """The vectors and words of KMeansStart. Raises as it does."""
    vectors = _vectors("X", X)
    return vectors, Stream(seed, tensor).words(number_of_values(bits, len(vectors)))


def operands(X: Tensor, C: Tensor) -> tuple[Vectors, Vectors]:
    """The vectors and centroids of KMeansStep. Raises as it does."""
    x, c = _vectors("X", X), _vectors("C", C)
    require(1 <= len(c) <= 256, f"{len(c)} centroids: give 1 to 256")
    require(x.shape[1] == c.shape[1], f"vectors of {x.shape[1]} numbers and centroids of {c.shape[1]}: give as many")
    return x, c


def _step_of(X: Tensor, C: Tensor) -> Step:
    x, c = operands(X, C)
    cells = filled(x, c, assigned(x, c))
    return Step(c, cells, means(x, cells, c))


def _vectors(name: str, X: Tensor) -> Vectors:
    dtype(name, X, ("float32",))
    require(len(X.shape) == 2, f"{name} has shape {list(X.shape)}: give vectors, one a row")
    return finite(name, X.data)


OPERATORS = (
    Operator(
        "KMeansStart",
        "qref",
        opsets=(1,),
        inputs=(1, 1),
        outputs=1,
        attributes={"bits": Attribute("int", 4), "seed": Attribute("int", 0), "tensor": Attribute("int", 0)},
        function=kmeans_start,
        margin=kmeans_start_margin,
    ),
    Operator(
        "KMeansStep",
        "qref",
        opsets=(1,),
        inputs=(2, 2),
        outputs=2,
        attributes={},
        function=kmeans_step,
        bound=kmeans_step_bound,
        margin=kmeans_step_margin,
    ),
)
