"""The memory that direct convolution really takes on each layer, against input + output + weights.

Python's own tracing of allocations sees NumPy's arrays, and Numba's as well once they come from Python's allocator.
"""

import gc
import tracemalloc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qref.bench.algorithms import operands
from qref.bench.goals import Goal, most
from qref.conv.ten_layers import TEN_LAYERS, Layer
from qref.engines.versions import require

if TYPE_CHECKING:
    from qref.kernels.conv.kernel import Kernel

BOUND = 1.05


@dataclass(frozen=True)
class Footprint:
    """Memory of one layer.

    measured: bytes at the peak of a run. needed: bytes of input, output and weights.
    """

    layer: str
    measured: int
    needed: int

    @property
    def ratio(self) -> float:
        """Measured over needed."""
        return self.measured / self.needed


def footprints(layers: Sequence[Layer] = tuple(TEN_LAYERS.values())) -> Iterator[Footprint]:
    """The footprint of float32 direct convolution, layer by layer, one thread.

    Raises:
        MissingExtra: Numba is not installed.
    """
    require("numba", "fast")
    from qref.kernels.conv.table import KERNELS

    for layer in layers:
        shapes = layer.shapes
        needed = shapes.input_bytes + shapes.output_bytes + shapes.weight_bytes
        yield Footprint(layer.name, peak_bytes(KERNELS["direct"], layer), needed)


def goal(found: Sequence[Footprint]) -> Goal:
    """Within five per cent on every layer."""
    ratios = {one.layer: one.ratio for one in found}
    return most("float32 direct, memory over input + output + weights", ratios, BOUND)


def peak_bytes(kernel: "Kernel", layer: Layer) -> int:
    """Bytes of arrays at the peak of a run on a layer: the image, packed weights, the output and what is in between.

    What the kernel keeps by shape from a first run on counts as well, where that is the first of the process; programs
    and Python's own objects do not.
    """
    from numba.core.runtime import _nrt_python  # type: ignore[attr-defined]

    _nrt_python.memsys_use_cpython_allocator()
    tracemalloc.start()
    try:
        x, w = operands(layer, "float32")
        kernel.run(x, kernel.pack(w, layer.geometry), layer.geometry, 1)
        packed = kernel.pack(w, layer.geometry)
        del w
        gc.collect()
        objects = tracemalloc.get_traced_memory()[0] - arrays()
        tracemalloc.reset_peak()
        y = kernel.run(x, packed, layer.geometry, 1)
        peak = tracemalloc.get_traced_memory()[1] - objects
        del y
        return peak
    finally:
        tracemalloc.stop()


def arrays() -> int:
    """Bytes of NumPy's arrays that are there."""
    numpy_only = tracemalloc.DomainFilter(inclusive=True, domain=np.lib.tracemalloc_domain)
    snapshot = tracemalloc.take_snapshot().filter_traces([numpy_only])
    return sum(trace.size for trace in snapshot.traces)
