"""PyTorch: conv2d of float32, as it is called and with weights reordered once; quantized conv2d of each engine it has.

The quantized ones take uint8 pixels and give uint8, rounded to nearest, ties to even: fbgemm and x86 before the zero
point is added, onednn after it, which is the same for an even zero point.
"""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.bench.peers.peer import Peer, Requantizing, Run
from qref.bench.peers.requantization import ZERO_POINT, output_scale, rule
from qref.conv.geometry import Geometry
from qref.engines.versions import require, version

ENGINES = ("x86", "fbgemm", "onednn")


def check() -> None:
    """Raises MissingExtra where it is not installed."""
    require("torch", "engines")


def prepare(
    w: NDArray[Any], geometry: Geometry, dtype: str, x_shape: tuple[int, ...], threads: int
) -> Mapping[str, Run]:
    """Runs on `threads` threads, without gradients; for images in two dimensions, padded alike on both sides."""
    import torch

    if len(x_shape) != 4 or geometry.pads_begin != geometry.pads_end:
        return {}
    torch.set_num_threads(threads)
    if dtype == "float32":
        return {"conv2d": plain(w, geometry), **prepacked(w, geometry, x_shape)}
    if dtype != "int8":
        return {}
    scale = output_scale(w)
    here = torch.backends.quantized.supported_engines
    return {
        f"quantized-{engine}": Requantizing(
            quantized(engine, w, geometry, scale, x_shape), rule(scale, ZERO_POINT, np.uint8)
        )
        for engine in ENGINES
        if engine in here
    }


def plain(w: NDArray[Any], geometry: Geometry) -> Run:
    """torch.conv2d."""
    import torch

    weights = torch.from_numpy(w)
    window = (geometry.strides, geometry.pads_begin, geometry.dilations, geometry.group)

    def run(x: NDArray[Any]) -> NDArray[Any]:
        with torch.inference_mode():
            y: NDArray[Any] = torch.conv2d(torch.from_numpy(x), weights, None, *window).numpy()
        return y

    return run


def prepacked(w: NDArray[Any], geometry: Geometry, x_shape: tuple[int, ...]) -> Mapping[str, Run]:
    """conv2d of oneDNN with weights in the order it wants them; nothing where torch has no oneDNN."""
    import torch

    if not torch.backends.mkldnn.is_available():
        return {}
    window = [list(part) for part in (geometry.strides, geometry.pads_begin, geometry.dilations)]
    weights = torch.ops.mkldnn_prepacked.conv2d_prepack(
        torch.from_numpy(w), None, *window, geometry.group, list(x_shape), "none"
    )

    def run(x: NDArray[Any]) -> NDArray[Any]:
        with torch.inference_mode():
            y: NDArray[Any] = torch.ops.mkldnn_prepacked.conv2d_run(torch.from_numpy(x), weights).numpy()
        return y

    return {"conv2d-prepacked": run}


def quantized(engine: str, w: NDArray[Any], geometry: Geometry, scale: float, x_shape: tuple[int, ...]) -> Run:
    """conv2d of quint8 by one of torch's engines."""
    import torch

    torch.backends.quantized.engine = engine
    window = [list(part) for part in (geometry.strides, geometry.pads_begin, geometry.dilations)]

    def tensor(values: NDArray[Any]) -> Any:
        return torch._make_per_tensor_quantized_tensor(torch.from_numpy(values), 1.0, 0)

    def run(x: NDArray[Any]) -> NDArray[Any]:
        with torch.inference_mode():
            y = torch.ops.quantized.conv2d(tensor(x), weights, scale, ZERO_POINT)
            outputs: NDArray[Any] = y.int_repr().numpy()
        return outputs

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that such tensors will leave torch one day, said once
        weights = torch.ops.quantized.conv2d_prepack(tensor(w), None, *window, geometry.group)
        run(np.zeros(x_shape, np.uint8))
    return run


TORCH = Peer("torch", check, prepare, lambda: version("torch"))
