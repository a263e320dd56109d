"""ncnn: its layer Convolution, of float32 and of int8, as it chooses and without Winograd's transforms.

In int8 its pixels are signed and its padding is a value of the layer's own: 127 − pixels, padding 127, weights of
opposite sign and a bias of 127 times each channel's sum of weights give the accumulators of unsigned pixels, exact as
float32 below 2²⁴. (Of a negative padding it fills in the lowest byte of eight only.) Pixels are to be below 255: its
own quantization never gives −128, and its kernels for VNNI take that for 128.
"""

import struct
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.bench.peers.peer import Peer, Run
from qref.conv.geometry import Geometry
from qref.engines.versions import require, version
from qref.errors import UsageError

FLOAT, INT8 = 0, 0x000D4B38
"""What says before the weights of which type they are."""
REDUCED = ("fp16_storage", "fp16_packed", "fp16_arithmetic", "bf16_storage", "bf16_packed")
TOP = 127


def check() -> None:
    """Raises MissingExtra where it is not installed."""
    require("ncnn", "engines")


def prepare(
    w: NDArray[Any], geometry: Geometry, dtype: str, x_shape: tuple[int, ...], threads: int
) -> Mapping[str, Run]:
    """Two networks of one layer; for one image in two dimensions, without groups."""
    if dtype not in ("float32", "int8") or len(x_shape) != 4 or x_shape[0] != 1 or geometry.group != 1:
        return {}
    runs: dict[str, Run] = {}
    for name, winograd in (("Convolution", True), ("Convolution-without-winograd", False)):
        network = loaded(text(w, geometry, dtype), weights(w, dtype), threads, winograd)
        runs[name] = of_int8(network) if dtype == "int8" else of_floats(network)
    return runs


def text(w: NDArray[Any], geometry: Geometry, dtype: str) -> str:
    """The network: an input and a convolution, by the numbers of its parameters."""
    (k_h, k_w), (s_h, s_w), (d_h, d_w) = geometry.kernel, geometry.strides, geometry.dilations
    (top, left), (bottom, right) = geometry.pads_begin, geometry.pads_end
    parameters = {0: len(w), 1: k_w, 11: k_h, 2: d_w, 12: d_h, 3: s_w, 13: s_h}
    parameters |= {4: left, 15: right, 14: top, 16: bottom, 6: w.size}
    if dtype == "int8":
        with_bias, int8_scales, padding = 5, 8, 18
        parameters |= {with_bias: 1, int8_scales: 2, padding: TOP}
    layer = " ".join(f"{number}={value}" for number, value in parameters.items())
    return f"7767517\n2 2\nInput input 0 1 x\nConvolution convolution 1 1 x y {layer}\n"


def weights(w: NDArray[Any], dtype: str) -> bytes:
    """The network's numbers; for int8 a bias, and the scales of weights and pixels, which are 1, follow the weights."""
    if dtype == "float32":
        return struct.pack("<I", FLOAT) + w.tobytes()
    bias = (TOP * w.sum((1, 2, 3), dtype=np.int64)).astype(np.float32)
    scales = np.ones(len(w) + 1, np.float32)
    aligned = (-w).tobytes() + bytes(-w.size % 4)
    return struct.pack("<I", INT8) + aligned + bias.tobytes() + scales.tobytes()


def loaded(text: str, numbers: bytes, threads: int, winograd: bool) -> Any:
    """The network, in float32 or int8 and nothing below. Raises UsageError where ncnn refuses it."""
    import ncnn

    network = ncnn.Net()
    network.opt.num_threads, network.opt.use_vulkan_compute = threads, False
    network.opt.use_winograd_convolution = winograd
    for option in REDUCED:
        setattr(network.opt, f"use_{option}", False)
    with tempfile.TemporaryDirectory(prefix="qref-bench-") as folder:
        path = Path(folder) / "network.bin"
        path.write_bytes(numbers)
        if network.load_param_mem(text) or network.load_model(str(path)):
            raise UsageError(f"ncnn refuses the network {text!r}")
    return network


def of_floats(network: Any) -> Run:
    """x → y; both arrays are read and written where they lie."""
    import ncnn

    def run(x: NDArray[Any]) -> NDArray[Any]:
        extractor = network.create_extractor()
        extractor.input("x", ncnn.Mat(x[0]))
        _, y = extractor.extract("y")
        return np.asarray(y)[np.newaxis]

    return run


def of_int8(network: Any) -> Run:
    """Unsigned x → the accumulators as float32."""
    floats = of_floats(network)

    def run(x: NDArray[Any]) -> NDArray[Any]:
        signed = (x ^ np.uint8(TOP)).view(np.int8)  # a name, as ncnn does not keep it alive
        return floats(signed)

    return run


NCNN = Peer("ncnn", check, prepare, lambda: version("ncnn"))
