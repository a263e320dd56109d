"""BinaryWeight: the codes and scales of Binary-Weight Networks. qref's own operator (domain "qref", opset 1)."""

from qref.numerics.floats import decode
from qref.numerics.tensor import Tensor
from qref.ops import bound
from qref.ops.bound import Bound
from qref.ops.check import dtype
from qref.ops.operator import Operator
from qref.ops.qref import granularity as grain
from qref.quantizers.binary_weight import BinaryWeight


def binary_weight(
    W: Tensor, *, granularity: str = "channel", group_size: int = 0, opset: int = 1
) -> tuple[Tensor, Tensor]:
    """B = sign(W) and α = ‖W‖₁ / n of each part: int8 of W's shape, float32 [parts].

    Args:
        W: finite float32, output channels first.

    Raises:
        InvalidInput: another type, NaN or infinity, or a granularity that there is not.
    """
    dtype("W", W, ("float32",))
    encoded = BinaryWeight(grain.of(granularity, group_size)).encode(W.data)
    return Tensor("int8", encoded.codes), Tensor("float32", encoded.scales)


def binary_weight_bound(W: Tensor, *, granularity: str = "channel", group_size: int = 0, opset: int = 1) -> list[Bound]:
    """None for the signs; for a scale that of its sum of |w| and the division."""
    codes, scales = binary_weight(W, granularity=granularity, group_size=group_size)
    return [
        bound.none(codes),
        bound.of_dot(scales, bound.terms_of_parts(W, grain.of(granularity, group_size)), decode(scales)),
    ]


OPERATORS = (
    Operator(
        "BinaryWeight",
        "qref",
        opsets=(1,),
        inputs=(1, 1),
        outputs=2,
        attributes=grain.attributes("channel"),
        function=binary_weight,
        bound=binary_weight_bound,
    ),
)
