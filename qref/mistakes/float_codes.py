"""QuantizeLinear to float8 and float4 that rounds the quotient wrongly."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from qref.errors import Unsupported
from qref.mistakes.quantizing import quantization
from qref.numerics.floats import float_format
from qref.numerics.formats import Float
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

Values = NDArray[np.float64]


def with_quotient(request: Request, dtypes: Sequence[str], alter: Callable[[Values, Float], Values]) -> list[Tensor]:
    """The answer where the quotient is `alter`'s of the right one and the output's format, and all else is right.

    Raises Unsupported for outputs of other types than `dtypes`.
    """
    found = quantization(request)
    if found.right.dtype not in dtypes:
        raise Unsupported(f"output {found.right.dtype}, the mistake is one with {', '.join(dtypes)}")
    return found.rounded(alter(found.quotient(), float_format(found.right.dtype)))


def in_steps(values: Values, format: Float, whole: Callable[[Values], Values]) -> Values:
    """Finite values rounded to the format's precision, subnormals kept, by `whole`, which rounds to integers."""
    _, e = np.frexp(values)
    step = np.maximum(e - 1, format.lowest_exponent) - format.mantissa_bits
    finite = np.isfinite(values)
    return np.where(finite, np.ldexp(whole(np.ldexp(np.where(finite, values, 0.0), -step)), step), values)


def half_away(scaled: Values) -> Values:
    """Nearest integer, a tie away from zero; exact for values of up to 52 bits."""
    return np.copysign(np.floor(np.abs(scaled) + 0.5), scaled)


def require_output(request: Request, dtypes: Sequence[str]) -> None:
    """Raises Unsupported unless the request is one of QuantizeLinear to one of `dtypes`."""
    found = quantization(request).right.dtype
    if found not in dtypes:
        raise Unsupported(f"output {found}, the mistake is one with {', '.join(dtypes)}")
