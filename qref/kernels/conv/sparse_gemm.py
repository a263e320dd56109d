"""Sparse matrix product: weights in compressed rows times the column matrix of im2col, by the tile of sparse_direct.

A row of the column matrix is a plane that one tap meets, cut into segments as those of direct convolution are.
"""

import numpy as np
from numpy.typing import NDArray

from qref.conv.cost import Shapes
from qref.conv.geometry import Geometry
from qref.kernels.conv.kernel import Kernel
from qref.kernels.conv.sparse_direct import compressed, convolved, workspace_bytes
from qref.kernels.packed import Packed
from qref.kernels.tile.float32 import Limits


def pack(w: NDArray[np.float32], geometry: Geometry) -> Packed:
    """As `qref.kernels.conv.sparse_direct.pack`."""
    return compressed("sparse-gemm", w, geometry)


def run(
    x: NDArray[np.float32],
    packed: Packed,
    geometry: Geometry,
    threads: int = 1,
    *,
    bias: NDArray[np.float32] | None = None,
    limits: Limits | None = None,
    workspace: NDArray[np.uint8] | None = None,
    out: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """As `qref.kernels.conv.sparse_direct.run`."""
    return convolved(x, packed, geometry, threads, bias, limits or Limits(), workspace, out, matrix=True)


def workspace(shapes: Shapes, threads: int) -> int:
    """Bytes that `run` needs for images of these shapes."""
    return workspace_bytes(shapes, threads, matrix=True)


SPARSE_GEMM = Kernel("sparse-gemm", pack, run, workspace, places=True)
