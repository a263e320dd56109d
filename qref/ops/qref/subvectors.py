"""SubvectorDecode: from the codes of vectors and sub-vectors back to a matrix or kernel.

qref's own operator (domain "qref", opset 1).
"""

from collections.abc import Sequence

from qref.codebooks.subvectors import Subvectors, matrix_shape
from qref.numerics.tensor import Tensor
from qref.ops.check import computable, dtype, require
from qref.ops.operator import Attribute, Operator
from qref.quantizers.weights import finite


def subvector_decode(
    codes: Tensor,
    codebooks: Tensor,
    *,
    shape: Sequence[int] | None = None,
    length: int = 1,
    layout: str = "rows",
    opset: int = 1,
) -> Tensor:
    """W'[r, l] = C[B[r, ⌊l/d⌋], l], taken from the matrix of `layout` to `shape`.

    Args:
        codes: uint8 [R, S]. codebooks: finite float32 [V, L], those of all sub-matrices side by side. shape: of W,
        output channels first. length: d, from 1 on; S = ⌈L/d⌉. layout: "rows", "columns" or "channels".

    Raises:
        InvalidInput: no shape, other types or shapes, a code from V on, NaN or infinity.
        Unsupported: weights that no memory here holds.
    """
    dtype("codes", codes, ("uint8",))
    dtype("codebooks", codebooks, ("float32",))
    require(shape is not None, "no shape: give that of the weights, output channels first")
    assert shape is not None
    require(all(n >= 0 for n in shape), f"shape {list(shape)} has a negative length")
    require(length >= 1, f"sub-vectors of length {length}: give 1 at least")
    R, L = matrix_shape(tuple(shape), layout)
    require(codes.shape == (R, -(-L // length)), f"codes {list(codes.shape)}: {[R, -(-L // length)]} are wanted")
    require(
        len(codebooks.shape) == 2 and codebooks.shape[1] == L, f"codebooks {list(codebooks.shape)}: [V, {L}] are wanted"
    )
    computable(shape)
    highest = int(codes.data.max()) if codes.data.size else -1
    require(highest < codebooks.shape[0], f"code {highest} in a codebook of {codebooks.shape[0]} vectors")
    encoded = Subvectors(tuple(shape), layout, codes.data, finite("codebooks", codebooks.data), length, width=8)
    return Tensor("float32", encoded.decode())


ATTRIBUTES = {
    "shape": Attribute("ints"),
    "length": Attribute("int", 1),
    "layout": Attribute("string", "rows"),
}

OPERATORS = (
    Operator(
        "SubvectorDecode",
        "qref",
        opsets=(1,),
        inputs=(2, 2),
        outputs=1,
        attributes=ATTRIBUTES,
        function=subvector_decode,
    ),
)
