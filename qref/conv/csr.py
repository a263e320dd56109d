"""Compressed sparse rows: the weights that are not zero, row after row."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.cost import Shapes

INDEX_BYTES = 4


@dataclass(frozen=True)
class Csr:
    """Row m holds values[j] at columns[j] for j in rows[m] … rows[m + 1] − 1."""

    values: NDArray[Any]
    columns: NDArray[np.int32]
    rows: NDArray[np.int32]

    @property
    def nbytes(self) -> int:
        """Bytes of all three."""
        return self.values.nbytes + self.columns.nbytes + self.rows.nbytes


def compress(matrix: NDArray[Any]) -> Csr:
    """The elements of a matrix that are not zero."""
    row, column = np.nonzero(matrix)
    rows = np.searchsorted(row, np.arange(len(matrix) + 1))
    return Csr(matrix[row, column], column.astype(np.int32), rows.astype(np.int32))


def compressed_bytes(shapes: Shapes) -> int:
    """Bytes of the weights of all groups in this form."""
    return shapes.kept * (shapes.itemsize + INDEX_BYTES) + (shapes.w[0] + shapes.geometry.group) * INDEX_BYTES
