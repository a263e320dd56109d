"""ScaledCodebook: one codebook for all tensors, stretched by a scale of each part."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qref.quantizers.encoded import Coded
from qref.quantizers.packed_codes import packed_bits


@dataclass(frozen=True, eq=False)
class ScaledCodebook(Coded):
    """W ≈ C_α[B]: the codebook C_α of a part follows from its scale α, the scheme and the width.

    So codes and scales are all that is stored. scales: float32 [parts]; codebooks: float32 [parts, values], what they
    give.
    """

    scales: NDArray[np.float32] = field(kw_only=True)

    @property
    def bits(self) -> int:
        return packed_bits(self.codes.size, self.width) + 32 * self.scales.size

    @property
    def tables(self) -> bytes:
        return self.scales.astype("<f4").tobytes()
