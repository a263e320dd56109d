"""ScaledDecode and CodebookDecode: from codes back to numbers, for every scheme that stores scales or codebooks.

qref's own operators (domain "qref", opset 1).
"""

from qref.numerics.tensor import Tensor
from qref.ops.check import dtype, require
from qref.ops.operator import Operator
from qref.ops.qref import granularity as grain
from qref.quantizers.encoded import Coded, Scaled
from qref.quantizers.granularity import Granularity
from qref.quantizers.weights import finite


def scaled_decode(
    codes: Tensor, scales: Tensor, *, granularity: str = "channel", group_size: int = 0, opset: int = 1
) -> Tensor:
    """W' = α·B, each product rounded once.

    Args:
        codes: int8, any shape, output channels first. scales: finite float32 [parts]. granularity, group_size: which
        codes share a scale.

    Raises:
        InvalidInput: other types, scales that are not one a part, NaN or infinity among them.
    """
    dtype("codes", codes, ("int8",))
    dtype("scales", scales, ("float32",))
    parts = grain.of(granularity, group_size)
    _one_a_part("scales", scales, (parts.count(codes.shape),), parts)
    return Tensor("float32", Scaled(codes.data, finite("scales", scales.data), parts, width=8).decode())


def codebook_decode(
    codes: Tensor, codebooks: Tensor, *, granularity: str = "channel", group_size: int = 0, opset: int = 1
) -> Tensor:
    """W' = C[B], the codebook of each part.

    Args:
        codes: uint8, any shape, output channels first. codebooks: finite float32 [parts, values].

    Raises:
        InvalidInput: other types, codebooks that are not one a part, a code beyond its codebook, NaN or infinity.
    """
    dtype("codes", codes, ("uint8",))
    dtype("codebooks", codebooks, ("float32",))
    parts = grain.of(granularity, group_size)
    values = codebooks.shape[1] if len(codebooks.shape) == 2 else 0
    _one_a_part("codebooks", codebooks, (parts.count(codes.shape), values), parts)
    highest = int(codes.data.max()) if codes.data.size else 0
    require(not codes.data.size or highest < values, f"code {highest} in a codebook of {values} values")
    return Tensor("float32", Coded(codes.data, finite("codebooks", codebooks.data), parts, width=8).decode())


def _one_a_part(name: str, x: Tensor, shape: tuple[int, ...], granularity: Granularity) -> None:
    require(x.shape == shape, f"{name} has shape {list(x.shape)}: one a {granularity} makes {list(shape)}")


OPERATORS = tuple(
    Operator(
        name,
        "qref",
        opsets=(1,),
        inputs=(2, 2),
        outputs=1,
        attributes=grain.attributes("channel"),
        function=function,
    )
    for name, function in (("ScaledDecode", scaled_decode), ("CodebookDecode", codebook_decode))
)
