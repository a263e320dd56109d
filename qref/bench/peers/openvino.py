"""OpenVINO: a convolution of float32, and one of 8-bit integers with float32 or uint8 outputs.

Its default precision is bfloat16 where the processor has it, so float32 is asked for. An integer convolution is what
its CPU plugin makes of FakeQuantize on the pixels and int8 weights with a scale; whether it did is read from the
compiled model. As float32 the accumulators are exact below 2²⁴. To uint8 it rounds to nearest, ties to even.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.bench.peers.peer import Peer, Requantizing, Run
from qref.bench.peers.requantization import ZERO_POINT, output_scale, rule
from qref.conv.geometry import Geometry
from qref.engines.versions import require, version

INTEGERS = ("u8", "i8")


def check() -> None:
    """Raises MissingExtra where it is not installed."""
    require("openvino", "engines")


def prepare(
    w: NDArray[Any], geometry: Geometry, dtype: str, x_shape: tuple[int, ...], threads: int
) -> Mapping[str, Run]:
    """Float32: Convolution. int8: with float32 and with uint8 outputs; none that falls back to floats."""
    if geometry.group != 1:
        return {}
    if dtype == "float32":
        return {"Convolution": run_of(compiled(convolution(w, geometry, x_shape), threads))}
    if dtype != "int8":
        return {}
    scale = output_scale(w)
    runs: dict[str, Run] = {}
    for name, wanted in (("Convolution", None), ("Convolution-to-uint8", scale)):
        model = compiled(integer_convolution(w, geometry, x_shape, wanted), threads)
        if arithmetic(model) in INTEGERS:
            run = run_of(model)
            runs[name] = run if wanted is None else Requantizing(run, rule(wanted, ZERO_POINT, np.uint8))
    return runs


def convolution(w: NDArray[Any], geometry: Geometry, x_shape: tuple[int, ...]) -> Any:
    """The model x → y of float32."""
    from openvino import Model, opset13

    x = opset13.parameter(x_shape, np.float32)
    return Model([convolved(x, opset13.constant(w), geometry)], [x])


def integer_convolution(w: NDArray[Any], geometry: Geometry, x_shape: tuple[int, ...], scale: float | None) -> Any:
    """The model of uint8 x, with float32 outputs, or uint8 ones where a scale is given."""
    from openvino import Model, opset13

    x = opset13.parameter(x_shape, np.uint8)
    pixels = fake_quantize(opset13.convert(x, np.float32), (0, 255), (0, 255))
    ones = np.ones((len(w), *[1] * (w.ndim - 1)), np.float32)
    weights = opset13.multiply(opset13.convert(opset13.constant(w), np.float32), opset13.constant(ones))
    y = convolved(pixels, weights, geometry)
    if scale is not None:
        lowest, highest = (scale * (end - ZERO_POINT) for end in (0, 255))
        y = opset13.convert(fake_quantize(y, (lowest, highest), (0, 255)), np.uint8)
    return Model([y], [x])


def fake_quantize(x: Any, of: tuple[float, float], to: tuple[float, float]) -> Any:
    """The node that takes 256 levels of the one interval to those of the other."""
    from openvino import opset13

    return opset13.fake_quantize(x, *(np.float32(end) for end in (*of, *to)), 256)


def convolved(x: Any, w: Any, geometry: Geometry) -> Any:
    """The node Convolution."""
    from openvino import opset13

    return opset13.convolution(
        x, w, list(geometry.strides), list(geometry.pads_begin), list(geometry.pads_end), list(geometry.dilations)
    )


def compiled(model: Any, threads: int) -> Any:
    """The model for the CPU, on so many threads that it pins to no core."""
    from openvino import Core

    settings = {
        "INFERENCE_PRECISION_HINT": "f32",
        "INFERENCE_NUM_THREADS": threads,
        "PERFORMANCE_HINT": "LATENCY",
        "NUM_STREAMS": 1,
        "ENABLE_CPU_PINNING": False,
    }
    return Core().compile_model(model, "CPU", settings)


def arithmetic(model: Any) -> str:
    """The type in which the compiled model convolves: f32, u8, i8."""
    for node in model.get_runtime_model().get_ordered_ops():
        told = node.get_rt_info()
        if told["layerType"].value == "Convolution":
            return str(told["runtimePrecision"].value)
    return ""


def run_of(model: Any) -> Run:
    """x → y; both arrays are the engine's own or the caller's, nothing is copied."""
    request = model.create_infer_request()

    def run(x: NDArray[Any]) -> NDArray[Any]:
        y: NDArray[Any] = request.infer([x], share_inputs=True, share_outputs=True)[0]
        return y

    return run


OPENVINO = Peer("openvino", check, prepare, lambda: version("openvino"))
