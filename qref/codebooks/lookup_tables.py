"""A fully-connected layer by pre-computed tables: what an input gives with each codeword is computed once.

Wu, Leng, Wang, Hu, Cheng, "Quantized convolutional neural networks for mobile devices", CVPR 2016, section 3.1: with
the weights of output m in sub-space s replaced by the codeword C_v^s, v = B[m, s],

    T[s, v] = Σ_{l in sub-space s} x_l · C[v, l]        once an input, for every codeword
    y[m]    = Σ_s T[s, B[m, s]]                         a look-up and an addition a sub-space

[seed: Quantized-CNN, accelerate fc. layer with pre-computation and lookup tables]
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def tables(x: Array, codebooks: Array, d: int) -> Array:
    """T [N, S, V] of x [N, L] and codebooks [V, L] of sub-vectors of length d; the last sub-vector may be short."""
    N, (V, L) = len(x), codebooks.shape
    T = np.empty((N, -(-L // d), V), x.dtype)
    for s in range(T.shape[1]):
        of_subspace = slice(s * d, s * d + d)
        T[:, s] = x[:, of_subspace] @ codebooks[:, of_subspace].T
    return T


def product(x: Array, codes: NDArray[np.uint8], codebooks: Array, d: int) -> Array:
    """y [N, R] = x·W'ᵀ, W' [R, L] of codes [R, S] and codebooks [V, L]: additions only, once the tables stand."""
    T = tables(x, codebooks, d)
    y = np.zeros((len(x), len(codes)), x.dtype)
    for s in range(codes.shape[1]):
        y += T[:, s, codes[:, s]]
    return y


@dataclass(frozen=True)
class LookupCost:
    """A layer as it is, and by tables: operations, each with its addition, and bytes of weights."""

    operations: int
    by_tables: int
    bytes: float
    as_codes: float

    @property
    def speed_up(self) -> float:
        """How many times fewer operations there are."""
        return self.operations / self.by_tables

    @property
    def compression(self) -> float:
        """How many times fewer bytes the weights take."""
        return self.bytes / self.as_codes


@dataclass(frozen=True)
class LookupLayer:
    """A layer and its codebooks.

    positions: d_t², outputs of a channel; pixels: d_s², those of its image; both 1 for a fully-connected layer.
    outputs: C_t. taps: d_k². inputs: C_s, the channels that an output sees, in each of `group` groups. d: length of a
    sub-vector. values: K, codewords of a sub-space.
    """

    inputs: int
    outputs: int
    d: int
    values: int
    positions: int = 1
    pixels: int = 1
    taps: int = 1
    group: int = 1

    @property
    def cost(self) -> LookupCost:
        """What the paper's table 1 counts; tables are made for the channels of all groups."""
        products, S = self.outputs * self.taps, -(-self.inputs // self.d)
        return LookupCost(
            operations=self.positions * products * self.inputs,
            by_tables=self.pixels * self.group * self.inputs * self.values + self.positions * products * S,
            bytes=4 * products * self.inputs,
            as_codes=4 * self.inputs * self.values + products * S * (self.values - 1).bit_length() / 8,
        )


ALEXNET: dict[str, LookupLayer] = {
    "conv1": LookupLayer(3, 96, 8, 128, positions=55 * 55, pixels=227 * 227, taps=11 * 11),
    "conv2": LookupLayer(48, 256, 8, 128, positions=27 * 27, pixels=27 * 27, taps=5 * 5, group=2),
    "conv3": LookupLayer(256, 384, 8, 128, positions=13 * 13, pixels=13 * 13, taps=3 * 3),
    "conv4": LookupLayer(192, 384, 8, 128, positions=13 * 13, pixels=13 * 13, taps=3 * 3, group=2),
    "conv5": LookupLayer(192, 256, 8, 128, positions=13 * 13, pixels=13 * 13, taps=3 * 3, group=2),
    "fc6": LookupLayer(9216, 4096, 4, 32),
    "fc7": LookupLayer(4096, 4096, 4, 32),
    "fc8": LookupLayer(4096, 1000, 1, 16),
}
"""AlexNet with the sub-vectors and codewords of the authors' published model (the headers of its files ctrdLst)."""


def total(layers: Iterable[LookupLayer]) -> LookupCost:
    """Of all layers together."""
    costs = [layer.cost for layer in layers]
    return LookupCost(*(sum(getattr(one, name.name) for one in costs) for name in fields(LookupCost)))
