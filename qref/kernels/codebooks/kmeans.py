"""K-means by compiled loops: float64 decides where its error cannot matter, exact integers decide the rest.

Codes and centroids are the reference's. Vectors longer than LONG are compared by a product of matrices,
‖x − c‖² = ‖x‖² − 2xc + ‖c‖², whose error is bounded, and by sums of squares where that leaves several centroids.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.codebooks import kmeans as reference
from qref.codebooks.kmeans import Clustering, Codes, Vectors, squared_distances
from qref.codebooks.product import ProductCodebook
from qref.codebooks.subvectors import Subvectors
from qref.codebooks.vector import VectorCodebook
from qref.kernels.codebooks import kmeans_steps as loops
from qref.numerics.tensor import Tensor
from qref.numerics.whole_numbers import whole
from qref.ops import keywords
from qref.ops.operator import Operator
from qref.ops.qref.kmeans import operands, start_of
from qref.ops.qref.product_codebook import Asked, tensors
from qref.ops.request import Request

LONG = 64
BLOCK = 1 << 20  # numbers of a block of vectors in float64

Distances = NDArray[np.float64]


def kmeans(X: Vectors, words: NDArray[np.uint32], iterations: int) -> Clustering:
    """What the reference's `kmeans` gives. X: contiguous."""
    C = X[start(X, words)]
    nearest, far = assigned(X, C)
    cells: Codes | None = None
    for _ in range(iterations):
        found = filled(X, C, nearest, far)
        if cells is not None and np.array_equal(found, cells):
            break
        cells, C = found, means(X, found, C)
        nearest, far = assigned(X, C)
    return Clustering(nearest, C)


def start(X: Vectors, words: NDArray[np.uint32]) -> NDArray[np.int64]:
    """What the reference's `start` gives."""
    chosen, D2, done = np.zeros(words.size, np.int64), np.zeros(len(X)), 0
    while (done := loops.draw(X, words, chosen, D2, done)) < words.size:
        x = whole(X)
        exact = np.stack([squared_distances(x, x[i]) for i in chosen[:done]]).min(axis=0)
        chosen[done] = reference.drawn(exact, int(words[done]))
        done += 1
    return chosen


def assigned(X: Vectors, C: Vectors) -> tuple[Codes, Distances]:
    """What the reference's `assigned` gives, and the squared distances."""
    N, d = X.shape
    codes, far = np.zeros(N, np.uint8), np.zeros(N)
    if not N:
        return codes, far
    doubtful = np.empty(N, np.int64)
    if d <= LONG:
        across = np.ascontiguousarray(C.T, np.float64)
        settle(X, C, codes, far, doubtful[: loops.assign(X, C, across, codes, far, doubtful)])
        return codes, far
    c = C.astype(np.float64)
    norms = (c * c).sum(axis=1)
    for begin in range(0, N, max(BLOCK // d, 1)):
        x = X[begin : begin + max(BLOCK // d, 1)].astype(np.float64)
        rough, energy = norms - 2 * (x @ c.T), float((x * x).sum(axis=1).max())
        # every sum of d products is off by less than d·2⁻⁵³ of the product of the norms
        slack = (d + 8) * loops.ERROR * (energy + float(norms.max()))
        count = loops.assign_near(X, C, rough, slack, codes, far, doubtful, begin)
        settle(X, C, codes, far, doubtful[:count])
    return codes, far


def settle(X: Vectors, C: Vectors, codes: Codes, far: Distances, doubtful: NDArray[np.int64]) -> None:
    """The codes of vectors that are about equally far from several centroids, by exact distances."""
    for i in doubtful.tolist():
        rough = ((X[i].astype(np.float64) - C) ** 2).sum(axis=1)
        near = np.flatnonzero(rough <= far[i] * (1 + 2 * (C.shape[1] + 8) * loops.ERROR))
        codes[i] = near[squared_distances(whole(C[near]), whole(X[i])).argmin()]


def filled(X: Vectors, C: Vectors, codes: Codes, far: Distances) -> Codes:
    """What the reference's `filled` gives. far: the squared distances of the vectors to their centroids."""
    sizes = np.bincount(codes, minlength=len(C))
    if sizes.all():
        return codes
    codes, far = codes.copy(), far.copy()
    for v in np.flatnonzero(sizes == 0).tolist():
        free = (sizes[codes] > 1) & (far > 0)
        if not free.any():
            break
        i = farthest(X, C, codes, np.where(free, far, 0.0))
        sizes[codes[i]] -= 1
        codes[i], far[i], sizes[v] = v, 0.0, 1
    return codes


def farthest(X: Vectors, C: Vectors, codes: Codes, far: Distances) -> int:
    """The vector farthest from its centroid, the first of several."""
    near = np.flatnonzero(far >= far.max() * (1 - 2 * (X.shape[1] + 8) * loops.ERROR))
    if len(near) == 1:
        return int(near[0])
    return int(near[squared_distances(whole(X[near]), whole(C[codes[near]])).argmax()])


def means(X: Vectors, codes: Codes, C: Vectors) -> Vectors:
    """What the reference's `means` gives."""
    found, doubtful = C.copy(), np.zeros(len(C), np.bool_)
    loops.means(X, codes, found, doubtful)
    for v in np.flatnonzero(doubtful).tolist():
        cell = X[codes == v]
        found[v] = reference.means(cell, np.zeros(len(cell), np.uint8), C[v : v + 1])[0]
    return found


def encode(scheme: ProductCodebook, W: NDArray[np.float32], *, stream: Any = None, **_: Any) -> Subvectors:
    """What `scheme.encode(W, stream=…)` gives."""
    return scheme.by(kmeans, W, stream)


def encode_vectors(scheme: VectorCodebook, W: NDArray[np.float32], *, stream: Any = None, **_: Any) -> Subvectors:
    """What `scheme.encode(W, stream=…)` gives."""
    return encode(scheme.whole(W.shape), W, stream=stream)


def vector_codebook(request: Request, operator: Operator) -> tuple[Tensor, Tensor]:
    """VectorCodebook."""
    return _asked(Asked.of_vectors, request, operator)


def product_codebook(request: Request, operator: Operator) -> tuple[Tensor, Tensor]:
    """ProductCodebook."""
    return _asked(Asked.of_subvectors, request, operator)


def _asked(of: Callable[..., Asked], request: Request, operator: Operator) -> tuple[Tensor, Tensor]:
    asked = of(*request.inputs, **keywords(request, operator))
    return tensors(encode(asked.scheme, asked.W, stream=asked.stream))


def kmeans_start(request: Request, operator: Operator) -> Tensor:
    """KMeansStart, checked by the reference."""
    given = keywords(request, operator)
    [X] = request.inputs
    assert X is not None
    return Tensor("int64", start(*start_of(X, **given)))


def kmeans_step(request: Request, operator: Operator) -> tuple[Tensor, Tensor]:
    """KMeansStep, checked by the reference."""
    keywords(request, operator)
    X, C = request.inputs
    assert X is not None and C is not None
    x, c = operands(X, C)
    cells = filled(x, c, *assigned(x, c))
    return Tensor("uint8", cells), Tensor("float32", means(x, cells, c))
