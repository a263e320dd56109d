"""UniformEncode, LogarithmicEncode, LogarithmicDecode, NonUniformEncode: the seed's table of N-bit codes.

What decodes a non-uniform code is CodebookDecode; a uniform code is its own value. qref's own operators (domain "qref",
opset 1).
"""

from qref.numerics.tensor import Tensor
from qref.ops.check import dtype
from qref.ops.operator import Attribute, Operator
from qref.quantizers import logarithmic, non_uniform, uniform


def uniform_encode(x: Tensor, *, bits: int = 8, opset: int = 1) -> Tensor:
    """The nearest integers of 0 to 2^bits − 1: uint64 of x's shape.

    Args:
        x: finite float32. bits: 1 to 64.

    Raises:
        InvalidInput: another type, NaN or infinity, or bits that there are not.
    """
    dtype("x", x, ("float32",))
    return Tensor("uint64", uniform.encode(x.data, bits))


def logarithmic_encode(x: Tensor, *, bits: int = 4, opset: int = 1) -> Tensor:
    """The codes of the nearest of 0, 1, 2, 4, … 2^(2^bits − 2): uint8 of x's shape.

    Args:
        x: finite float32. bits: 1 to 6.

    Raises:
        InvalidInput: another type, NaN or infinity, or bits that there are not.
    """
    dtype("x", x, ("float32",))
    return Tensor("uint8", logarithmic.encode(x.data, bits))


def logarithmic_decode(codes: Tensor, *, bits: int = 4, opset: int = 1) -> Tensor:
    """0 and the powers of two that the codes stand for: uint64 of the codes' shape.

    Args:
        codes: uint8. bits: 1 to 6.

    Raises:
        InvalidInput: another type, a code of more bits, or bits that there are not.
    """
    dtype("codes", codes, ("uint8",))
    return Tensor("uint64", logarithmic.decode(codes.data, bits))


def non_uniform_encode(x: Tensor, codebook: Tensor, *, opset: int = 1) -> Tensor:
    """The codes of the nearest values of a codebook: uint8 of x's shape.

    Args:
        x: finite float32. codebook: finite float32 [values], 1 to 256 in any order.

    Raises:
        InvalidInput: another type or shape, NaN or infinity.
    """
    dtype("x", x, ("float32",))
    dtype("codebook", codebook, ("float32",))
    return Tensor("uint8", non_uniform.encode(x.data, codebook.data))


OPERATORS = (
    *(
        Operator(name, "qref", (1,), inputs=(1, 1), outputs=1, attributes={"bits": bits}, function=function)
        for name, bits, function in (
            ("UniformEncode", Attribute("int", 8), uniform_encode),
            ("LogarithmicEncode", Attribute("int", 4), logarithmic_encode),
            ("LogarithmicDecode", Attribute("int", 4), logarithmic_decode),
        )
    ),
    Operator("NonUniformEncode", "qref", (1,), inputs=(2, 2), outputs=1, attributes={}, function=non_uniform_encode),
)
