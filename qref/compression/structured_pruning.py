"""Pruning n:m: of each m weights that lie one behind another along the input channels at most n stay.

Mishra, Latorre, Pool et al., "Accelerating sparse deep neural networks", 2021, sections 2 and 3 (2:4): the hardware
picks n of m activations for each block, so blocks run along the axis that a dot product sums over. In a kernel
[M, C, k1, …] that is C, for each output channel and tap.

[seed: Pruning; Mishra 2021 section 3]
"""

import numpy as np
from numpy.typing import NDArray

from qref.compression.magnitude_pruning import largest
from qref.errors import InvalidInput
from qref.quantizers.weights import finite


def keep_n_of_m(W: NDArray[np.float32], n: int, m: int) -> NDArray[np.bool_]:
    """Which weights stay, of W's shape: the n largest |w| of each block of m along axis 1, of equal ones the first.

    A last block shorter than m keeps its n largest as well, all of them where it has no more. A tensor of rank 0 or 1
    has one input channel.

    Args:
        W: finite float32, output channels first, input channels second.

    Raises:
        InvalidInput: W is not float32 or not finite, or not 1 ≤ n ≤ m.
    """
    W = finite("W", W)
    if not 1 <= n <= m:
        raise InvalidInput(f"{n}:{m}: give at least 1 weight that stays, and no more than a block has")
    if W.ndim < 2:
        return np.ones(W.shape, np.bool_)
    magnitudes = np.moveaxis(np.abs(W), 1, -1)
    mask = np.empty(magnitudes.shape, np.bool_)
    C = W.shape[1]
    whole = C // m * m
    if whole:
        blocks = np.ascontiguousarray(magnitudes[..., :whole]).reshape(-1, m)
        mask[..., :whole] = largest(blocks, n).reshape(*mask.shape[:-1], whole)
    if whole < C:
        rest = np.ascontiguousarray(magnitudes[..., whole:]).reshape(-1, C - whole)
        mask[..., whole:] = largest(rest, n).reshape(*mask.shape[:-1], C - whole)
    return np.ascontiguousarray(np.moveaxis(mask, -1, 1))
