"""Direct convolution with channels in blocks (NCHW32c): the tiles of `float32_direct`, images brought there and back.

Between layers of a network images stay in blocks. Where groups cut a block, the input, or the output, is NCHW.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv import layouts
from qref.conv.geometry import Geometry
from qref.kernels.conv import float32_direct
from qref.kernels.conv.kernel import Kernel, float32
from qref.kernels.conv.operands import matched
from qref.kernels.layout import BLOCK, NCHW, NCHW32C
from qref.kernels.packed import Packed


def pack(w: NDArray[Any], geometry: Geometry) -> Packed:
    """As `float32_direct.pack`."""
    return float32_direct.pack(float32(w), geometry)


def run(x: NDArray[Any], packed: Packed, geometry: Geometry, threads: int) -> NDArray[np.float32]:
    """The convolution with packed weights of images in NCHW, into NCHW."""
    matched(x.shape, packed.shape, geometry, threads)
    x, G, (M, C_g) = float32(x), geometry.group, packed.shape[:2]
    into, out = (NCHW if G > 1 and channels % BLOCK else NCHW32C for channels in (C_g, M // G))
    images = layouts.blocked(x, BLOCK) if into.blocked else x
    found = float32_direct.direct(images, packed, geometry, threads, layouts=(into, out))
    if not out.blocked:
        return found
    y = np.empty((len(x), M, *found.shape[2:-1]), np.float32)
    layouts.unblocked(found, y)
    return y


BLOCKED_DIRECT = Kernel("blocked-direct", pack, run)
