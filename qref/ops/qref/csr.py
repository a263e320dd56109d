"""CsrEncode and CsrDecode: compressed sparse rows.

qref's own operators (domain "qref", opset 1).
"""

from collections.abc import Sequence

import numpy as np

from qref.compression.csr import Csr, csr
from qref.numerics.tensor import Tensor
from qref.ops.check import dtype, require
from qref.ops.operator import Attribute, Operator
from qref.ops.qref.packed_codes import shape_size
from qref.quantizers.granularity import matrix
from qref.quantizers.weights import finite


def csr_encode(W: Tensor, *, opset: int = 1) -> tuple[Tensor, ...]:
    """Row pointers int64 [M + 1], columns int64 [a], values float32 [a], the size in bits int64 [], the bytes uint8.

    Args:
        W: finite float32, output channels first, taken as the matrix [M, K].

    Raises:
        InvalidInput: another type, NaN or infinity.
    """
    dtype("W", W, ("float32",))
    found = csr(finite("W", W.data))
    return (
        Tensor("int64", found.row_pointers),
        Tensor("int64", found.columns),
        Tensor("float32", found.values),
        *stored(found.bits, found.packed()),
    )


def stored(bits: int, packed: bytes) -> tuple[Tensor, Tensor]:
    """The size in bits, and the bytes."""
    return Tensor("int64", np.array(bits, np.int64)), Tensor("uint8", np.frombuffer(packed, np.uint8))


def csr_decode(
    row_pointers: Tensor, columns: Tensor, values: Tensor, *, shape: Sequence[int] | None = None, opset: int = 1
) -> Tensor:
    """W of `shape`, 0 where no value stands.

    Raises:
        InvalidInput: no shape, other types, pointers that are not M + 1 numbers rising from 0 to the number of values,
            columns that do not rise inside a row or lie beyond it, NaN or infinity.
    """
    shape_size(shape)
    assert shape is not None
    for name, x in (("row_pointers", row_pointers), ("columns", columns)):
        dtype(name, x, ("int64",))
    dtype("values", values, ("float32",))
    M, K = matrix(tuple(shape))
    require(row_pointers.shape == (M + 1,), f"row_pointers {list(row_pointers.shape)}: {M} rows have [{M + 1}]")
    require(len(values.shape) == 1 and columns.shape == values.shape, "columns and values are one row each, as long")
    p = row_pointers.data
    require(
        p[0] == 0 and p[-1] == values.data.size and bool((p[1:] >= p[:-1]).all()),
        f"row pointers {p.tolist()}: they rise from 0 to the {values.data.size} values",
    )
    for m in range(M):
        row = columns.data[p[m] : p[m + 1]]
        require(bool((row[1:] > row[:-1]).all()), f"columns of row {m} do not rise")
        require(not row.size or (row[0] >= 0 and row[-1] < K), f"columns of row {m} lie outside 0 to {K - 1}")
    found = Csr(tuple(shape), p, columns.data, finite("values", values.data))
    return Tensor("float32", found.decode())


OPERATORS = (
    Operator("CsrEncode", "qref", opsets=(1,), inputs=(1, 1), outputs=5, attributes={}, function=csr_encode),
    Operator(
        "CsrDecode",
        "qref",
        opsets=(1,),
        inputs=(3, 3),
        outputs=1,
        attributes={"shape": Attribute("ints")},
        function=csr_decode,
    ),
)
