"""Direct convolution with channels last (NHWC): the tiles of `float32_direct`, images brought there and back."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv import layouts
from qref.conv.geometry import Geometry
from qref.kernels.conv import float32_direct
from qref.kernels.conv.kernel import Kernel, float32
from qref.kernels.conv.operands import matched
from qref.kernels.layout import NHWC
from qref.kernels.packed import Packed


def pack(w: NDArray[Any], geometry: Geometry) -> Packed:
    """As `float32_direct.pack`."""
    return float32_direct.pack(float32(w), geometry)


def run(x: NDArray[Any], packed: Packed, geometry: Geometry, threads: int) -> NDArray[np.float32]:
    """The convolution with packed weights of images in NCHW, into NCHW."""
    matched(x.shape, packed.shape, geometry, threads)
    images = layouts.channels_last(float32(x))
    return layouts.channels_first(float32_direct.direct(images, packed, geometry, threads, layouts=(NHWC, NHWC)))


CHANNELS_LAST = Kernel("channels-last", pack, run)
