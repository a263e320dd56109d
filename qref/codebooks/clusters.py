"""Clusters: the weights of a part in runs of neighbours, each with its value; from them to codes and a codebook."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from qref.numerics.floats import float_format, nearest
from qref.quantizers.encoded import Coded
from qref.quantizers.granularity import Granularity
from qref.quantizers.thresholds import passed

FLOAT32 = float_format("float32")


@dataclass(frozen=True)
class Clusters:
    """The clusters of one part, of which some may be empty.

    least: the least weight of each cluster from the second on, rising; that of the cluster above where one is empty,
    infinity where none is above it. values: what stands for the clusters, exact, rising, as many as the codebook holds.
    """

    least: tuple[float, ...]
    values: tuple[Fraction, ...]

    def codes(self, w: NDArray[np.float32]) -> NDArray[np.uint8]:
        """How many clusters from the second on begin at or below each weight."""
        return passed(w, np.array(self.least, np.float32))

    def codebook(self) -> NDArray[np.float32]:
        """The values, each rounded once."""
        return np.array([nearest(value, FLOAT32) for value in self.values], np.float32)


def means(x: Sequence[Fraction], n: Sequence[int], begins: Sequence[int]) -> list[Fraction]:
    """The mean of each cluster. x: distinct weights in rising order, n: how often each occurs."""
    runs = pairwise([*begins, len(x)])
    return [sum((c * v for c, v in zip(n[i:j], x[i:j])), Fraction(0)) / sum(n[i:j]) for i, j in runs]


def clusters_of(x: Sequence[Fraction], n: Sequence[int], begins: Sequence[int], V: int) -> Clusters:
    """The clusters that begin at these places of x, none empty, with their means."""
    return Clusters(tuple(float(x[i]) for i in begins[1:]), filled(means(x, n, begins), V))


def filled(values: Sequence[Fraction], V: int) -> tuple[Fraction, ...]:
    """V values: what is missing is the largest again, 0 where there is none."""
    last = values[-1] if values else Fraction(0)
    return (*values, *[last] * (V - len(values)))


def coded(W: NDArray[np.float32], granularity: Granularity, bits: int, found: Sequence[Clusters]) -> Coded:
    """Codes and codebooks of a tensor from the clusters of its parts."""
    codes = np.empty(W.shape, np.uint8)
    for w, b, part in zip(granularity.parts(W), granularity.parts(codes), found, strict=True):
        b[:] = part.codes(w)
    books = [part.codebook() for part in found]
    return Coded(codes, np.array(books, np.float32).reshape(len(books), 1 << bits), granularity, bits)
