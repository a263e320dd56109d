"""The weights that a scheme takes: checked once, at the edge; the schemes assume them valid."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import InvalidInput

BLOCK = 1 << 20


def finite(name: str, x: NDArray[Any]) -> NDArray[np.float32]:
    """x as a contiguous float32 array.

    Raises:
        InvalidInput: x is no float32 array, or holds NaN or infinity.
    """
    if x.dtype != np.float32:
        raise InvalidInput(f"{name} is {x.dtype}: give float32")
    contiguous = np.ascontiguousarray(x).reshape(x.shape)
    flat = contiguous.reshape(-1)
    for begin in range(0, flat.size, BLOCK):
        part = flat[begin : begin + BLOCK]
        if not np.isfinite(part).all():
            i = begin + int(np.argmin(np.isfinite(part)))
            where = [int(k) for k in np.unravel_index(i, x.shape)]
            raise InvalidInput(f"{name}{where} is {flat[i]}: give finite numbers")
    return contiguous


def known(codes: NDArray[Any], count: int, of: str) -> None:
    """Raises InvalidInput for a code that is not 0 to count − 1. of: what has these codes."""
    for code in (codes.min(), codes.max()) if codes.size else ():
        if not 0 <= int(code) < count:
            raise InvalidInput(f"code {int(code)} {of}")


def largest_magnitude(W: NDArray[np.float32]) -> float:
    """max |w|, without a copy of W; 0 for no weights at all."""
    return max(float(W.max(initial=0)), -float(W.min(initial=0)), 0.0)
