"""Product quantization: the sub-vectors of each sub-matrix as codes, with a codebook for each sub-matrix.

The matrix W [R, L] is cut into S = ⌈L/d⌉ sub-matrices of d columns, W = [W¹, …, W^S], and k-means finds for each a
codebook of V = min(2^n, R) codewords:

    min Σ_r Σ_v [b_r = v]·‖w_r^s − c_v^s‖²        Ŵ = [Ŵ¹, …, Ŵ^S],  ŵ_r^s = c_b^s

so that a row may be any of V^S combinations. From 32·R·L bits, 32·V·L + n·R·S are left. With d = L it is vector
quantization of whole rows. [Gong, Liu, Yang, Bourdev, "Compressing deep convolutional networks using vector
quantization", 2014, section 3.2.3; seed: product quantization, sub-row/sub-column level; PQ for FC layer]
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.codebooks.kmeans import ITERATIONS, Clustering, Vectors, kmeans, number_of_values
from qref.codebooks.subvectors import Subvectors, as_matrix
from qref.errors import InvalidInput
from qref.numerics.philox import Stream
from qref.quantizers.scheme import Scheme
from qref.quantizers.weights import finite

KMeans = Callable[[Vectors, NDArray[np.uint32], int], Clustering]


@dataclass(frozen=True)
class ProductCodebook:
    """n bits a sub-vector, from 1 to 8; d: length of a sub-vector, the whole row where it is longer.

    layout: the matrix whose rows are cut, "rows", "columns" or "channels" (`qref.codebooks.subvectors.as_matrix`).
    iterations: of k-means, if codes still change.
    """

    bits: int
    d: int
    layout: str = "rows"
    iterations: int = ITERATIONS

    def __post_init__(self) -> None:
        if self.d < 1:
            raise InvalidInput(f"sub-vectors of length {self.d}: give 1 at least")
        if self.iterations < 0:
            raise InvalidInput(f"{self.iterations} iterations: give 0 at least")

    def encode(
        self, W: NDArray[np.float32], *, inputs: NDArray[Any] | None = None, stream: Stream | None = None
    ) -> Subvectors:
        """Codes and codebooks; sub-matrix s draws its first centroids by words s·V to (s + 1)·V − 1 of the stream.

        Raises:
            InvalidInput: W is not float32 or not finite, another layout, or no stream.
        """
        return self.by(kmeans, W, stream)

    def by(self, clustering: KMeans, W: NDArray[np.float32], stream: Stream | None) -> Subvectors:
        """`encode`, the vectors of each sub-matrix clustered by `clustering`."""
        rows = as_matrix(finite("W", W), self.layout)
        if stream is None:
            raise InvalidInput("k-means++ draws a word a centroid: give a stream")
        R, L = rows.shape
        words = words_of(stream, R, L, self.d, self.bits)
        codes, codebooks = np.empty((R, len(words)), np.uint8), np.empty((words.shape[1], L), np.float32)
        for s, (columns, drawing) in enumerate(zip(submatrices(R, L, self.d), words)):
            found = clustering(np.ascontiguousarray(rows[:, columns]), drawing, self.iterations)
            codes[:, s], codebooks[:, columns] = found.codes, found.centroids
        return Subvectors(W.shape, self.layout, codes, codebooks, self.d, width=self.bits)


def submatrices(R: int, L: int, d: int) -> list[slice]:
    """The columns of W¹, …, W^S: d each, the last ones fewer where d does not divide L; none where there is no row."""
    return [slice(begin, min(begin + d, L)) for begin in range(0, L if R else 0, d)]


def words_of(stream: Stream, R: int, L: int, d: int, bits: int) -> NDArray[np.uint32]:
    """The words of each sub-matrix of a matrix [R, L], uint32 [S, V]."""
    S, V = -(-L // d), number_of_values(bits, R)
    return stream.words(S * V).reshape(S, V)


PRODUCT_CODEBOOK = Scheme(
    "product-codebook",
    "a code a sub-vector of a row, a codebook for each place in the rows, by k-means",
    lambda bits, granularity: ProductCodebook(bits, granularity.size, "rows"),
    bits=(1, 2, 3, 4, 5, 6, 7, 8),
    usual=4,
    granularities=("group",),
    group=4,
    iterative=True,
    stream=True,
)

PRODUCT_CODEBOOK_COLUMN = Scheme(
    "product-codebook-column",
    "a code a sub-vector of a column, a codebook for each place in the columns, by k-means",
    lambda bits, granularity: ProductCodebook(bits, granularity.size, "columns"),
    bits=(1, 2, 3, 4, 5, 6, 7, 8),
    usual=4,
    granularities=("group",),
    group=4,
    iterative=True,
    stream=True,
)
