"""WeightScheme: the role of every scheme that encodes a tensor of weights; Scheme: its entry in the table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from qref.errors import UsageError
from qref.numerics.philox import Stream
from qref.quantizers.encoded import Encoded
from qref.quantizers.granularity import Granularity


class WeightScheme(Protocol):
    """A scheme with its parameters, a frozen dataclass."""

    def encode(
        self, W: NDArray[np.float32], *, inputs: NDArray[Any] | None = None, stream: Stream | None = None
    ) -> Encoded:
        """The encoded tensor.

        Args:
            W: finite float32 weights, output channels first.
            inputs: what the layer is fed with, [samples, weights of a channel], for schemes that look at it; of all
            groups, [groups, samples, weights of a channel], for those that take groups together.
            stream: random words, for schemes that draw.

        Raises:
            InvalidInput: W is not float32 or not finite, or inputs or stream are missing where they are needed.
        """


@dataclass(frozen=True)
class Scheme:
    """What the table says of a scheme.

    make: bits and granularity → the scheme. bits: the widths it has, `usual` the one that is taken unless another is
    asked for. granularities: the kinds it has, the first unless another is asked for; group: the usual size of a group
    where that first kind is one. iterative: repeated passes over the weights. inputs, stream: what `encode` cannot do
    without. together: one codebook for all groups of a layer, whose inputs are given at once.
    """

    name: str
    about: str
    make: Callable[[int, Granularity], WeightScheme]
    bits: tuple[int, ...]
    usual: int
    granularities: tuple[str, ...]
    iterative: bool = False
    inputs: bool = False
    stream: bool = False
    group: int = 0
    together: bool = False

    def of(self, bits: int | None = None, granularity: Granularity | None = None) -> WeightScheme:
        """The scheme of so many bits. Raises UsageError for bits or a granularity that it does not have."""
        width = self.usual if bits is None else bits
        if width not in self.bits:
            raise UsageError(f"scheme {self.name} has {', '.join(map(str, self.bits))} bits, not {width}")
        grain = Granularity(self.granularities[0], self.group) if granularity is None else granularity
        if grain.kind not in self.granularities:
            raise UsageError(f"scheme {self.name} goes by {', '.join(self.granularities)}, not by {grain.kind}")
        return self.make(width, grain)
