"""DequantizeLinear of integers whose codes are read with another sign than their type's."""

import numpy as np

from qref.errors import Unsupported
from qref.mistakes.dequantizing import dequantization
from qref.numerics.floats import multiply, round_to
from qref.numerics.saturation import wrap
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def read_as(request: Request, dtype: str, bits: int, signed: bool) -> list[Tensor]:
    """The answer where x and zero point of type `dtype` are read as integers of `bits` bits, `signed` or not."""
    found = dequantization(request)
    if found.x_type != dtype:
        raise Unsupported(f"x is {found.x_type}, the mistake is one with {dtype}")
    x, zero_point = (wrap(values.astype(np.int64), bits, signed) for values in (found.x, found.zero_point))
    T = found.multiplication
    return found.stored(multiply(round_to((x - zero_point).astype(np.float64), T), round_to(found.scale, T), T))
