"""Vector quantization: each row, or column, of a weight matrix as one code.

    min Σ_r Σ_v [b_r = v]·‖w_r − c_v‖²

over the V = min(2^n, R) codewords c_v, each as long as a row, and over which row takes which: k-means on the rows. From
32·R·L bits, 32·V·L + n·R are left. [seed: Code-based Quantization, vector quantization, row/column level; Gong, Liu,
Yang, Bourdev, "Compressing deep convolutional networks using vector quantization", 2014, section 3.2, where product
quantization does so with parts of rows]
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.codebooks.kmeans import ITERATIONS
from qref.codebooks.product import ProductCodebook
from qref.codebooks.subvectors import Subvectors, matrix_shape
from qref.numerics.philox import Stream
from qref.quantizers.scheme import Scheme


@dataclass(frozen=True)
class VectorCodebook:
    """n bits a row of the matrix of `layout`, from 1 to 8: "rows", output channels; "columns", an input of them all."""

    bits: int
    layout: str = "rows"
    iterations: int = ITERATIONS

    def encode(
        self, W: NDArray[np.float32], *, inputs: NDArray[Any] | None = None, stream: Stream | None = None
    ) -> Subvectors:
        """Codes [R, 1] and a codebook: product quantization with one sub-matrix.

        Raises:
            InvalidInput: W is not float32 or not finite, no bits from 1 to 8, another layout, or no stream.
        """
        return self.whole(W.shape).encode(W, stream=stream)

    def whole(self, shape: tuple[int, ...]) -> ProductCodebook:
        """The product quantization of a tensor of this shape with d = L."""
        L = matrix_shape(shape, self.layout)[1]
        return ProductCodebook(self.bits, max(L, 1), self.layout, self.iterations)


VECTOR_CODEBOOK = Scheme(
    "vector-codebook",
    "a code a row: the filters of a layer by k-means",
    lambda bits, granularity: VectorCodebook(bits, "rows"),
    bits=(1, 2, 3, 4, 5, 6, 7, 8),
    usual=4,
    granularities=("tensor",),
    iterative=True,
    stream=True,
)

VECTOR_CODEBOOK_COLUMN = Scheme(
    "vector-codebook-column",
    "a code a column: what each input is multiplied by in all filters, by k-means",
    lambda bits, granularity: VectorCodebook(bits, "columns"),
    bits=(1, 2, 3, 4, 5, 6, 7, 8),
    usual=4,
    granularities=("tensor",),
    iterative=True,
    stream=True,
)
