"""Sparse matrix product: the weights in compressed rows times the column matrix of im2col.

[seed: NNLib, "sparse GEMM"; the baseline of Park et al., "Faster CNNs with direct sparse convolutions and guided
pruning", 2017, section 2.1]
"""

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv import im2col
from qref.conv.cost import Cost, Shapes
from qref.conv.csr import Csr, compress, compressed_bytes
from qref.conv.geometry import Geometry


def multiply(sparse: Csr, dense: NDArray[Any], y: NDArray[Any]) -> None:
    """y [M, P] = sparse [M, K] · dense [K, P], row by row: each weight adds itself times a row of the dense matrix."""
    y[...] = 0
    for m in range(len(y)):
        for j in range(sparse.rows[m], sparse.rows[m + 1]):
            y[m] += sparse.values[j] * dense[sparse.columns[j]]


def sparse_gemm(x: NDArray[Any], w: NDArray[Any], geometry: Geometry) -> NDArray[Any]:
    """Arguments, result and arithmetic as `qref.conv.direct.direct`; zero weights take no part."""
    N, C = x.shape[:2]
    M, G = w.shape[0], geometry.group
    taps = math.prod(w.shape[1:])
    output = geometry.output(x.shape[2:])
    kernels = [compress(kernel.reshape(M // G, taps)) for kernel in np.split(w, G, axis=0)]
    columns = np.empty((C, *geometry.kernel, *output), x.dtype)
    y = np.empty((N, G, M // G, math.prod(output)), np.result_type(x, w))
    for n in range(N):
        im2col.lower(x[n], geometry, columns)
        for g, matrix in enumerate(columns.reshape(G, taps, math.prod(output))):
            multiply(kernels[g], matrix, y[n, g])
    return y.reshape(N, M, *output)


def cost(shapes: Shapes) -> Cost:
    """im2col's, but for multiplications and weights, of which only those that are not zero count."""
    dense, weights = im2col.cost(shapes), compressed_bytes(shapes)
    macs = shapes.x[0] * shapes.kept * shapes.windows
    read = dense.bytes_read - shapes.weight_bytes + weights
    return replace(dense, multiplications=macs, additions=macs, bytes_read=read, weights=weights)
