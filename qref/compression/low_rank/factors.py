"""Factors: what a layer becomes, the weights of several layers; and Split, where the singular values go."""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.compression.low_rank.arithmetic import Arithmetic, Matrix
from qref.errors import InvalidInput

SPLITS = ("even", "first", "last")


@dataclass(frozen=True, eq=False)
class Factors:
    """The weights of the layers that take the place of one, in the order in which its input meets them.

    method: svd, channel, spatial, tucker2 or cp. shape: of the layer's own weights.
    """

    method: str
    shape: tuple[int, ...]
    tensors: tuple[NDArray[np.float32], ...]

    @property
    def ranks(self) -> tuple[int, ...]:
        """The channels between the layers: one number, and two for Tucker-2."""
        first = self.tensors[0].shape[0]
        return (first, self.tensors[1].shape[0]) if self.method == "tucker2" else (first,)

    @property
    def count(self) -> int:
        """The weights of all layers together."""
        return sum(tensor.size for tensor in self.tensors)


def truncated(A: Matrix, rank: int, sigma: str, arithmetic: Arithmetic) -> tuple[Matrix, Matrix]:
    """U_r [m, r] and V_rᵀ [r, n] of the best approximation of rank r, with Σ in one of them or √Σ in both.

    sigma: "left", "right" or "even".

    Raises:
        InvalidInput: r is not from 1 to min(m, n).
    """
    check_rank(rank, A.shape)
    U, s, Vt = arithmetic.svd(A)
    U, s, Vt = U[:, :rank], s[:rank], Vt[:rank]
    root = np.sqrt(s)  # of Decimals: their own sqrt
    left = {"even": U * root, "left": U * s, "right": U}[sigma]
    right = {"even": root, "left": np.ones_like(s), "right": s}[sigma]
    return left, Vt * right.reshape(-1, 1)


def check_rank(rank: int, shape: tuple[int, ...], name: str = "rank") -> None:
    """Raises InvalidInput unless 1 ≤ rank ≤ min(shape)."""
    if not 1 <= rank <= min(shape):
        raise InvalidInput(f"{name} is {rank}: a matrix {list(shape)} takes 1 to {min(shape)}")


def check_split(sigma: str) -> None:
    """Raises InvalidInput for a split that there is not."""
    if sigma not in SPLITS:
        raise InvalidInput(f"sigma is {sigma!r}: give {', '.join(SPLITS)}")


def check_kernel(W: NDArray[Any], *axes: int) -> None:
    """Raises InvalidInput where W is no kernel of so many spatial axes, output channels and input channels before."""
    if W.ndim - 2 not in axes:
        words = " or ".join(map(str, axes))
        raise InvalidInput(f"W has shape {list(W.shape)}: this method takes kernels of {words} spatial axes")


def check_shapes(tensors: tuple[NDArray[Any], ...], wanted: tuple[tuple[int, ...], ...]) -> None:
    """Raises InvalidInput where factors do not have the shapes that the first and last of them ask for."""
    found = tuple(tensor.shape for tensor in tensors)
    if found != wanted:
        raise InvalidInput(f"factors have shapes {[list(s) for s in found]}: give {[list(s) for s in wanted]}")


def points(shape: tuple[int, ...]) -> int:
    """The taps of a kernel."""
    return prod(shape[2:])
