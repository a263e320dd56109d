"""VectorCodebook and ProductCodebook: rows, columns and their parts as codes of codebooks that k-means finds.

qref's own operators (domain "qref", opset 1). SubvectorDecode takes what they give.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.codebooks.kmeans import ITERATIONS, start
from qref.codebooks.kmeans_margin import made_by, margin
from qref.codebooks.product import ProductCodebook, submatrices, words_of
from qref.codebooks.subvectors import Subvectors, as_matrix
from qref.codebooks.vector import VectorCodebook
from qref.numerics.philox import Stream
from qref.numerics.tensor import Tensor
from qref.ops.bound import Bound
from qref.ops.check import dtype
from qref.ops.operator import Attribute, Operator
from qref.ops.qref.kmeans import of_centroids
from qref.quantizers.weights import finite


@dataclass(frozen=True, eq=False)
class Asked:
    """What a request asks for: a scheme, the weights and the random words."""

    scheme: ProductCodebook
    W: NDArray[np.float32]
    stream: Stream

    @classmethod
    def of_vectors(
        cls, W: Tensor, *, bits: int = 4, layout: str = "rows", iterations: int = ITERATIONS, **drawn: int
    ) -> "Asked":
        """VectorCodebook's request: d = L."""
        dtype("W", W, ("float32",))
        return cls.of(VectorCodebook(bits, layout, iterations).whole(W.shape), W, **drawn)

    @classmethod
    def of_subvectors(
        cls,
        W: Tensor,
        *,
        bits: int = 4,
        length: int = 4,
        layout: str = "rows",
        iterations: int = ITERATIONS,
        **drawn: int,
    ) -> "Asked":
        """ProductCodebook's request."""
        return cls.of(ProductCodebook(bits, length, layout, iterations), W, **drawn)

    @classmethod
    def of(cls, scheme: ProductCodebook, W: Tensor, *, seed: int = 0, tensor: int = 0, opset: int = 1) -> "Asked":
        """What both have: weights that are finite float32, and a stream."""
        dtype("W", W, ("float32",))
        return cls(scheme, finite("W", W.data), Stream(seed, tensor))

    def encoded(self) -> Subvectors:
        return self.scheme.encode(self.W, stream=self.stream)

    def submatrices(self) -> Iterator[tuple[slice, NDArray[np.float32], NDArray[np.uint32]]]:
        """The columns of each sub-matrix, its vectors and its words."""
        rows, scheme = as_matrix(self.W, self.scheme.layout), self.scheme
        R, L = rows.shape
        words = words_of(self.stream, R, L, scheme.d, scheme.bits)
        for columns, drawing in zip(submatrices(R, L, scheme.d), words):
            yield columns, rows[:, columns], drawing

    def bounds(self) -> list[Bound]:
        """None for the codes; for the codebooks that of means, none for centroids that were drawn and never moved."""
        encoded = self.encoded()
        size = np.zeros(encoded.codebooks.shape)
        terms = np.zeros(encoded.codebooks.shape, np.int64)
        for columns, X, words in self.submatrices():
            made = made_by(X, X[start(X, words)], self.scheme.iterations)
            size[:, columns], terms[:, columns] = made.size, made.terms[:, np.newaxis]
        return [Bound(np.zeros(encoded.codes.shape)), of_centroids(encoded.codebooks, size, terms)]

    def margin(self) -> float:
        """The smallest of all sub-matrices."""
        found = (margin(X, words, self.scheme.iterations) for _, X, words in self.submatrices())
        return min(found, default=inf)


def tensors(encoded: Subvectors) -> tuple[Tensor, Tensor]:
    """Codes and codebooks, uint8 [R, S] and float32 [V, L]."""
    return Tensor("uint8", encoded.codes), Tensor("float32", encoded.codebooks)


def vector_codebook(W: Tensor, **given: Any) -> tuple[Tensor, Tensor]:
    """Codes uint8 [R, 1] and a codebook float32 [V, L] of the rows of the matrix that `layout` makes of W.

    Args:
        W: finite float32, output channels first. bits: 1 to 8; V = min(2^bits, R). layout: "rows", "columns" or
        "channels". iterations: the most steps of k-means, from 0 on. seed, tensor: of the stream.

    Raises:
        InvalidInput: another type, layout, number of bits or of iterations, NaN or infinity, a seed or tensor below 0.
    """
    return tensors(Asked.of_vectors(W, **given).encoded())


def vector_bound(W: Tensor, **given: Any) -> list[Bound]:
    """That of means."""
    return Asked.of_vectors(W, **given).bounds()


def vector_margin(W: Tensor, **given: Any) -> float:
    """That of all draws and steps."""
    return Asked.of_vectors(W, **given).margin()


def product_codebook(W: Tensor, **given: Any) -> tuple[Tensor, Tensor]:
    """Codes uint8 [R, S] and the codebooks of all sub-matrices side by side, float32 [V, L].

    Args:
        W: finite float32, output channels first. bits: 1 to 8; V = min(2^bits, R). length: d, from 1 on; S = ⌈L/d⌉.
        layout: "rows", "columns" or "channels". iterations: the most steps of k-means, from 0 on. seed, tensor: of
        the stream, of which sub-matrix s takes the words from s·V on.

    Raises:
        InvalidInput: another type, layout, number of bits or of iterations or length, NaN or infinity, a seed or
        tensor below 0.
    """
    return tensors(Asked.of_subvectors(W, **given).encoded())


def product_bound(W: Tensor, **given: Any) -> list[Bound]:
    """That of means."""
    return Asked.of_subvectors(W, **given).bounds()


def product_margin(W: Tensor, **given: Any) -> float:
    """That of all draws and steps."""
    return Asked.of_subvectors(W, **given).margin()


ATTRIBUTES = {
    "bits": Attribute("int", 4),
    "layout": Attribute("string", "rows"),
    "iterations": Attribute("int", ITERATIONS),
    "seed": Attribute("int", 0),
    "tensor": Attribute("int", 0),
}

OPERATORS = (
    Operator(
        "VectorCodebook",
        "qref",
        opsets=(1,),
        inputs=(1, 1),
        outputs=2,
        attributes=ATTRIBUTES,
        function=vector_codebook,
        bound=vector_bound,
        margin=vector_margin,
    ),
    Operator(
        "ProductCodebook",
        "qref",
        opsets=(1,),
        inputs=(1, 1),
        outputs=2,
        attributes={**ATTRIBUTES, "length": Attribute("int", 4)},
        function=product_codebook,
        bound=product_bound,
        margin=product_margin,
    ),
)
