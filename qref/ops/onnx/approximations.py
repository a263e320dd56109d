"""Bounds of transcendental operators, whose golden value is correctly rounded and whose evaluations are not.

    n·u·|y*| + 2·u_out·|y*| + tiny

for n roundings of float32 on the way, a library function counting as two (its error is within a unit in the last
place); the constants of wider approximations are stated in the spec.
"""

import numpy as np
from numpy.typing import NDArray

from qref.numerics.floats import decode, float_format
from qref.numerics.tensor import Tensor
from qref.ops.bound import ARITHMETIC, FLUSHED, NARROW, Array, Bound

APPROXIMATED = "a polynomial, rational or table approximation"


def of_function(y: Tensor, n: NDArray[np.float64] | float, absolute: float = 0.0, relative: float = 0.0) -> Bound:
    """The bound of a function evaluated with `n` relative errors of u.

    Args:
        y: the golden output.
        n: of y's shape, or one number.
        absolute, relative: what approximations may add, in numbers and in shares of |y*|.
    """
    format = float_format(y.dtype)
    golden = decode(y)
    size = np.where(np.isfinite(golden), np.abs(golden), 0.0)
    rounding = 2 * format.unit_roundoff * size + format.smallest_subnormal
    tolerance = n * ARITHMETIC.unit_roundoff * size + rounding
    wider = [
        (FLUSHED, np.where(size < format.smallest_normal, np.maximum(tolerance, size), tolerance)),
        # their intermediate results may be subnormal where the value is not
        (APPROXIMATED, tolerance + absolute + relative * size + ARITHMETIC.smallest_normal),
    ]
    if format.unit_roundoff > ARITHMETIC.unit_roundoff:
        narrow = np.asarray(n * format.unit_roundoff)
        wider.append((NARROW, np.where(narrow < 0.25, narrow * size + rounding, tolerance)))
    finite = np.isfinite(golden)

    def only_finite(values: Array) -> Array:
        return np.where(finite, values, 0.0)

    return Bound(only_finite(tolerance), tuple((reason, only_finite(wide)) for reason, wide in wider))
