"""e^x as engines have it: in float32 or float16, where it ends at infinity and at 0."""

from decimal import localcontext
from fractions import Fraction
from math import isnan, nan

import numpy as np
from numpy.typing import NDArray

from qref.mistakes.products import Array
from qref.numerics.floats import float_format, nearest
from qref.numerics.transcendental import CONTEXT, exp

FUNCTIONS = ("Sigmoid", "Tanh", "Softmax")
# e^x of larger numbers is infinity; bfloat16 is computed in float32
LARGEST_EXPONENT = {"float32": 88.7228391, "bfloat16": 88.7228391, "float16": 11.0898664}


def in_float32(values: Array) -> NDArray[np.float32]:
    """e^x of each value, correctly rounded to float32."""
    float32 = float_format("float32")
    with localcontext(CONTEXT):
        found = [nan if isnan(v) else nearest(Fraction(exp(v)), float32) for v in values.ravel().tolist()]
    return np.asarray(found, np.float32).reshape(values.shape)
