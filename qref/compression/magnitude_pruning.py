"""Magnitude pruning: the smallest weights become 0, and a mask says which are left.

Han, Pool, Tran, Dally, "Learning both weights and connections for efficient neural networks", 2015, section 3: train,
remove connections whose |w| is small, train the rest again. Here the number that is removed is given, not a threshold:
of N weights the ratio R takes away

    P = R·N rounded to the nearest integer, half to even

and exactly N − P stay, the largest |w|; of equal magnitudes the first in C order. (PyTorch's `torch.nn.utils.prune`
counts in the same way, in float64.)

[seed: Pruning; Han 2015 section 3; Zhu 2017 section 3]
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from qref.errors import InvalidInput
from qref.quantizers.descent import descend, exact
from qref.quantizers.granularity import TENSOR, Granularity
from qref.quantizers.weights import finite

Weights = NDArray[np.float32]
Mask = NDArray[np.bool_]
Ratio = float | Fraction

BLOCK = 1 << 20  # weights of short rows taken at a time


def pruned(N: int, ratio: Ratio) -> int:
    """P, how many of N weights go: R·N, exact, rounded half to even.

    Raises:
        InvalidInput: a ratio outside [0, 1].
    """
    if not 0 <= ratio <= 1:
        raise InvalidInput(f"ratio {ratio}: give the part of the weights to be removed, 0 to 1")
    return round(Fraction(ratio) * N)


def largest(magnitudes: Weights, count: int) -> Mask:
    """Marks the `count` largest of each row of `magnitudes` [rows, length], of equal ones the first.

    All of a row no longer than `count`.
    """
    rows, length = magnitudes.shape
    if count >= length:
        return np.ones((rows, length), np.bool_)
    if count == 0:
        return np.zeros((rows, length), np.bool_)
    found = np.empty((rows, length), np.bool_)
    for part in _blocks(rows, length):
        x = magnitudes[part]
        least = np.partition(x, length - count, axis=1)[:, length - count, None]  # the smallest that stays
        equal = x == least
        room = count - (x > least).sum(axis=1, keepdims=True)
        found[part] = (x > least) | (equal & (np.cumsum(equal, axis=1, dtype=np.int32) <= room))
    return found


def _blocks(rows: int, length: int) -> Iterable[slice]:
    step = max(BLOCK // length, 1)
    return (slice(begin, begin + step) for begin in range(0, rows, step))


def keep_largest(W: Weights, ratio: Ratio, granularity: Granularity = TENSOR) -> Mask:
    """Which weights stay, of W's shape; the ratio is taken of all weights, or of those of each part.

    Args:
        W: finite float32, output channels first. ratio: R, the part that is removed, exact as it is given: 0.9 in
            binary is not 9/10.

    Raises:
        InvalidInput: W is not float32 or not finite, or a ratio outside [0, 1].
    """
    W = finite("W", W)
    pruned(0, ratio)  # a ratio is refused without any weights too
    mask = np.empty(W.shape, np.bool_)
    for w, kept in zip(granularity.parts(W), granularity.parts(mask), strict=True):
        kept[:] = largest(np.abs(w)[None], w.size - pruned(w.size, ratio))[0]
    return mask


def keep_largest_of_all(tensors: Sequence[Weights], ratio: Ratio) -> list[Mask]:
    """Which weights of several tensors stay, the ratio taken of all together: small layers may keep more than large.

    Of equal magnitudes those of the first tensor stay, in it the first in C order.

    Raises:
        InvalidInput: as `keep_largest`.
    """
    flat = [finite(f"W{i}", W).reshape(-1) for i, W in enumerate(tensors, 1)]
    joined = np.concatenate([np.zeros(0, np.float32), *flat])
    mask = keep_largest(joined, ratio)
    ends = np.cumsum([w.size for w in flat])
    pieces = np.split(mask, ends[:-1]) if flat else []
    return [piece.reshape(W.shape) for piece, W in zip(pieces, tensors, strict=True)]


def applied(W: Weights, mask: Mask) -> Weights:
    """W where the mask is set, +0 elsewhere."""
    return np.where(mask, W, np.float32(0))


def masked_step(W: Weights, g: Weights, mask: Mask, eta: float) -> Weights:
    """Training of what is left: W' = (W − η g) where the mask is set, rounded once, and +0 elsewhere.

    The mask comes after the step, so that a removed weight is 0 whatever its gradient, and whatever it was before.
    """
    moved = descend(finite("W", W), exact(finite("g", g)), eta)
    return applied(moved, mask)
