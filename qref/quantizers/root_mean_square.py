"""The spread of a part's weights about 0, to which grids of a unit normal are stretched."""

from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from qref.numerics.exact_totals import sum_of_squares
from qref.numerics.floats import float_format, nearest
from qref.quantizers.distributions import CONTEXT

FLOAT32 = float_format("float32")
LARGEST = Fraction(FLOAT32.highest)
ONE = Decimal(1)


def root_mean_square(w: NDArray[np.float32], factor: Decimal = ONE) -> np.float32:
    """factor·σ, σ = √(Σ w² / n), rounded once to float32, its largest number at most; 0 for no weights at all.

    The sum is exact and the root has 60 digits. σ is about 0, not about the mean: the grids are symmetric about 0.
    """
    if not w.size:
        return np.float32(0)
    mean = sum_of_squares(w) / w.size
    with localcontext(CONTEXT):
        sigma = (Decimal(mean.numerator) / Decimal(mean.denominator)).sqrt()
        return np.float32(nearest(min(Fraction(factor * sigma), LARGEST), FLOAT32))
