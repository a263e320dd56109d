"""Incremental network quantization, the whole schedule of one layer.

Zhou, Yao, Guo, Xu, Chen, "Incremental network quantization", 2017, algorithm 1: freeze a portion of the weights as
powers of two, train the others, and again until all are frozen.

[seed: Incremental Quantization, one-step quantization v.s. incremental quantization]
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from qref.quantizers.incremental import PORTIONS, counts, freeze

Weights = NDArray[np.float32]
Mask = NDArray[np.uint8]
Train = Callable[[Weights, Mask], Weights]


@dataclass(frozen=True, eq=False)
class Stage:
    """A layer after one step: its weights, and where they are frozen."""

    W: Weights
    frozen: Mask


def stages(W: Weights, bits: int, train: Train, portions: Sequence[Fraction] = PORTIONS) -> Iterator[Stage]:
    """The layer after each step; after the last, whose portion is 1, every weight is a power of two or zero.

    Args:
        W: finite float32. bits: 2 to 8. portions: σ₁ … σₙ, rising.
        train: weights and mask → weights that have been trained, in place or others; the frozen ones, mask 1, are put
            back as they were.

    Raises:
        InvalidInput: as `qref.quantizers.incremental.freeze`; a portion below the one before.
    """
    frozen = np.zeros(W.shape, np.uint8)
    for count in counts(W.size, portions):
        W, frozen = freeze(W, frozen, count, bits)
        W = np.where(frozen != 0, W, train(W.copy(), frozen.copy()))
        yield Stage(W, frozen)
