"""Where the windows of AveragePool and MaxPool lie, from ONNX's attributes, through all opsets."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.exact import windows
from qref.conv.geometry import Geometry
from qref.errors import NotFixed
from qref.ops.check import computable, require
from qref.ops.onnx.auto_pad import padding, per_dimension
from qref.ops.operator import Attribute

ATTRIBUTES = {
    "auto_pad": Attribute("string", "NOTSET"),
    "ceil_mode": Attribute("int", 0, since=10),
    "kernel_shape": Attribute("ints"),
    "pads": Attribute("ints"),
    "strides": Attribute("ints"),
}


@dataclass(frozen=True)
class Pooling:
    """Windows on an image.

    `geometry` has the padding that the attributes declare; `output` is the number of windows in each dimension, which
    may reach beyond that padding where ceil_mode counts a last window that is not whole.
    """

    geometry: Geometry
    image: tuple[int, ...]
    output: tuple[int, ...]

    def gather(self, x: NDArray[Any]) -> NDArray[Any]:
        """The elements under each window, zeros where it hangs over: x [N, C, D1, …] → [k1·k2·…, N, C, o1, …]."""
        N, C = x.shape[:2]
        g = self.geometry
        reached = tuple(
            (o - 1) * g.strides[i] + g.extent(i) - self.image[i] - g.pads_begin[i] for i, o in enumerate(self.output)
        )
        positions = np.arange(N * int(np.prod(self.output)))
        columns = windows(x, replace(g, pads_end=reached), positions)
        return np.moveaxis(columns.reshape(C, int(np.prod(g.kernel)), N, *self.output), (1, 2), (0, 1))

    def elements(self, with_padding: bool) -> NDArray[np.int64]:
        """How many elements each window covers [o1, …]: of the image, or of the declared padding as well."""
        counts = np.ones((), np.int64)
        for i, length in enumerate(self.image):
            g, begin = self.geometry, self.geometry.pads_begin[i]
            at = np.arange(self.output[i])[:, None] * g.strides[i] + np.arange(g.kernel[i]) * g.dilations[i] - begin
            low, high = (-begin, length + g.pads_end[i]) if with_padding else (0, length)
            counts = np.multiply.outer(counts, ((low <= at) & (at < high)).sum(axis=1))
        return counts


def pooling(
    x_shape: tuple[int, ...],
    kernel_shape: Sequence[int] | None,
    auto_pad: str,
    ceil_mode: int,
    dilations: Sequence[int] | None,
    pads: Sequence[int] | None,
    strides: Sequence[int] | None,
    opset: int,
) -> Pooling:
    """The windows on x [N, C, D1, …].

    Explicit padding: ⌊(D + p_begin + p_end − extent) / s⌋ + 1 of them, with ceil_mode ⌈…⌉ + 1, of which from opset 22
    those that would start in the padding at the end are left out. VALID: ⌈(D − extent + 1) / s⌉, SAME_UPPER and
    SAME_LOWER: ⌈D / s⌉, whatever ceil_mode; padding of less than nothing is none.

    Raises:
        InvalidInput: ranks or attributes that the text does not allow, or no window.
        NotFixed: windows that would start in the padding at the end, in opsets whose text contradicts itself there.
    """
    n, image = len(x_shape) - 2, x_shape[2:]
    require(n >= 1, f"X has rank {len(x_shape)}: give [N, C, D1, …], one spatial dimension at least")
    require(kernel_shape is not None, "kernel_shape is missing: give one length a spatial dimension")
    kernel = per_dimension("kernel_shape", kernel_shape, n)
    s, d = per_dimension("strides", strides, n), per_dimension("dilations", dilations, n)
    geometry = Geometry(kernel, s, d, *padding(image, kernel, auto_pad, d, pads, s))
    if auto_pad.startswith("SAME"):
        output = tuple(-(-D // s[i]) for i, D in enumerate(image))
    elif auto_pad == "VALID":
        output = geometry.output(image)
    else:
        output = tuple(explicit(geometry, i, D, bool(ceil_mode), opset) for i, D in enumerate(image))
    fewest = 0 if auto_pad.startswith("SAME") else 1
    require(all(o >= fewest for o in output), f"the kernel fits nowhere: output lengths {list(output)}")
    computable([geometry.extent(i) for i in range(n)])
    computable((*x_shape[:2], *kernel, *output))
    return Pooling(geometry, image, output)


def explicit(geometry: Geometry, i: int, length: int, ceil_mode: bool, opset: int) -> int:
    """The number of windows in dimension i under explicit padding."""
    s, begin = geometry.strides[i], geometry.pads_begin[i]
    room = length + begin + geometry.pads_end[i] - geometry.extent(i)
    count = (-(-room // s) if ceil_mode else room // s) + 1
    starting = -(-(length + begin) // s)  # windows that start before the padding at the end
    if count <= starting or opset < (12 if ceil_mode else 22):
        return count
    if opset < 22:
        raise NotFixed("this opset's formula counts a window that the page it links to ignores: it starts in padding")
    if not ceil_mode:
        raise NotFixed(
            "opset 22 ignores windows that would start in the padding at the end: with ceil_mode, or always?"
        )
    return starting
