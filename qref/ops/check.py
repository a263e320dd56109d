"""Validation at the edge: what an operator's text demands of its inputs, each complaint in one form."""

from collections.abc import Sequence
from math import prod

from qref.errors import InvalidInput, Unsupported
from qref.numerics.formats import Integer
from qref.numerics.tensor import Tensor

MOST = 1 << 27  # elements of a result


def computable(shape: Sequence[int]) -> None:
    """Raises Unsupported for a result that no memory here holds.

    A length of 0 counts as 1: what is empty in one dimension is laid out along the others all the same.
    """
    if prod(max(n, 1) for n in shape) > MOST:
        raise Unsupported(f"a result of shape {list(shape)}: at most {MOST} elements are computed here")


def require(condition: bool, complaint: str) -> None:
    """Raises InvalidInput with `complaint` unless `condition` holds."""
    if not condition:
        raise InvalidInput(complaint)


def dtype(name: str, x: Tensor, allowed: Sequence[str]) -> None:
    """Raises InvalidInput where the type of input `name` is not in the operator's list."""
    require(x.dtype in allowed, f"{name} is {x.dtype}: this operator and opset take {', '.join(allowed)}")


def scalar(name: str, x: Tensor) -> None:
    """Raises InvalidInput where input `name` is no scalar (shape [])."""
    require(x.shape == (), f"{name} has shape {list(x.shape)}: give a scalar, shape []")


def same_dtype(name: str, x: Tensor, other_name: str, other: Tensor) -> None:
    """Raises InvalidInput where two inputs that share a type do not."""
    require(x.dtype == other.dtype, f"{name} is {x.dtype} and {other_name} is {other.dtype}: they must be the same")


def same_shape(name: str, x: Tensor, other_name: str, other: Tensor) -> None:
    """Raises InvalidInput where a scale and its zero point differ in shape."""
    require(
        x.shape == other.shape,
        f"{name} has shape {list(x.shape)} and {other_name} {list(other.shape)}: they must be the same",
    )


def integer_value(x: Tensor) -> int:
    """The value of a scalar of an integer format."""
    require(isinstance(x.format, Integer), f"dtype {x.dtype} is no integer format")
    return int(x.data[()])
