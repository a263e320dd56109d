"""LiteRT with its default delegate, XNNPACK: CONV_2D of float32 and of int8, between two TRANSPOSE of the engine's own.

It takes images as NHWC; with the transposes in the model it takes and gives NCHW, as all others do. Padding other than
"SAME" is an operator PAD. In int8 it takes pixels − 128 with the zero point −128 and gives
rint(float32(accumulator) · scale), ties to even.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.bench.peers.peer import Peer, Requantizing, Run
from qref.bench.peers.requantization import output_scale, rule
from qref.conv.geometry import Geometry
from qref.engines.versions import require, version

TO_NHWC, TO_NCHW = (0, 2, 3, 1), (0, 3, 1, 2)
ZERO_POINT = -128
SCHEMA = 3


def check() -> None:
    """Raises MissingExtra where it is not installed."""
    require("ai_edge_litert", "engines")


def prepare(
    w: NDArray[Any], geometry: Geometry, dtype: str, x_shape: tuple[int, ...], threads: int
) -> Mapping[str, Run]:
    """An interpreter on so many threads; for images in two dimensions, without groups."""
    if dtype not in ("float32", "int8") or len(x_shape) != 4 or geometry.group != 1:
        return {}
    scale = output_scale(w) if dtype == "int8" else None
    run = interpreted(Model(scale).convolution(w, geometry, x_shape), threads)
    if scale is None:
        return {"CONV_2D": run}

    def of_unsigned(x: NDArray[Any]) -> NDArray[Any]:
        return run((x ^ np.uint8(128)).view(np.int8))

    return {"CONV_2D": Requantizing(of_unsigned, rule(scale, 0, np.int8))}


def interpreted(model: bytes, threads: int) -> Run:
    """x → y of a model."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=model, num_threads=threads)
    interpreter.allocate_tensors()
    x_at, y_at = (
        details[0]["index"] for details in (interpreter.get_input_details(), interpreter.get_output_details())
    )

    def run(x: NDArray[Any]) -> NDArray[Any]:
        interpreter.set_tensor(x_at, x)
        interpreter.invoke()
        y: NDArray[Any] = interpreter.get_tensor(y_at)
        return y

    return run


class Model:
    """A flatbuffer in the making, of float32, or of int8 with outputs of a scale."""

    def __init__(self, scale: float | None) -> None:
        from ai_edge_litert import schema_py_generated as schema

        self.schema: Any = schema
        self.scale = scale
        self.type = schema.TensorType.FLOAT32 if scale is None else schema.TensorType.INT8
        self.buffers = [schema.BufferT()]
        self.tensors: list[Any] = []
        self.codes: list[Any] = []
        self.operators: list[Any] = []

    def convolution(self, w: NDArray[Any], geometry: Geometry, x_shape: tuple[int, ...]) -> bytes:
        """The model NCHW → NHWC → convolution → NCHW."""
        N, C, *image = x_shape
        output = geometry.output(tuple(image))
        x = self.tensor(x_shape, scale=1, zero_point=ZERO_POINT)
        nhwc = self.tensor((N, *image, C), scale=1, zero_point=ZERO_POINT)
        self.transpose(x, nhwc, TO_NHWC)
        same = is_same(geometry, tuple(image))
        padded = nhwc if same or not any((*geometry.pads_begin, *geometry.pads_end)) else self.pad(nhwc, geometry)
        y = self.tensor((N, *output, len(w)), scale=self.scale)
        self.convolve(padded, w, y, geometry, same)
        nchw = self.tensor((N, len(w), *output), scale=self.scale)
        self.transpose(y, nchw, TO_NCHW)
        return self.bytes_of(x, nchw)

    def tensor(
        self,
        shape: Sequence[int],
        values: NDArray[Any] | None = None,
        scale: float | None = None,
        zero_point: int = 0,
        type: int | None = None,
        channels: int = 1,
    ) -> int:
        """Adds a tensor and gives its number. Without scale, or in a model of float32, it is not quantized."""
        buffer, tensor = self.schema.BufferT(), self.schema.TensorT()
        if values is not None:
            buffer.data = np.frombuffer(np.ascontiguousarray(values).tobytes(), np.uint8)
        self.buffers.append(buffer)
        tensor.name = f"tensor{len(self.tensors)}".encode()
        tensor.shape, tensor.buffer = list(shape), len(self.buffers) - 1
        tensor.type = self.type if type is None else type
        if scale is not None and self.scale is not None:
            quantization = self.schema.QuantizationParametersT()
            quantization.scale = np.full(channels, scale, np.float32)
            quantization.zeroPoint, quantization.quantizedDimension = np.full(channels, zero_point, np.int64), 0
            tensor.quantization = quantization
        self.tensors.append(tensor)
        return len(self.tensors) - 1

    def constant(self, values: Any) -> int:
        """Adds a tensor of int32."""
        array = np.asarray(values, np.int32)
        return self.tensor(array.shape, array, type=self.schema.TensorType.INT32)

    def operator(self, name: str, inputs: Sequence[int], output: int, kind: str, options: Any, version: int) -> None:
        """Adds an operator."""
        code, operator = self.schema.OperatorCodeT(), self.schema.OperatorT()
        code.builtinCode = code.deprecatedBuiltinCode = getattr(self.schema.BuiltinOperator, name)
        code.version = version
        self.codes.append(code)
        operator.opcodeIndex, operator.inputs, operator.outputs = len(self.codes) - 1, list(inputs), [output]
        operator.builtinOptionsType, operator.builtinOptions = getattr(self.schema.BuiltinOptions, kind), options
        self.operators.append(operator)

    def transpose(self, x: int, y: int, order: Sequence[int]) -> None:
        """Adds TRANSPOSE."""
        self.operator("TRANSPOSE", [x, self.constant(order)], y, "TransposeOptions", self.schema.TransposeOptionsT(), 2)

    def pad(self, x: int, geometry: Geometry) -> int:
        """Adds PAD, which fills in the zero point, and gives its output."""
        around = [(0, 0), *zip(geometry.pads_begin, geometry.pads_end), (0, 0)]
        shape = [n + before + after for n, (before, after) in zip(self.tensors[x].shape, around)]
        y = self.tensor(shape, scale=1, zero_point=ZERO_POINT)
        self.operator("PAD", [x, self.constant(around)], y, "PadOptions", self.schema.PadOptionsT(), 2)
        return y

    def convolve(self, x: int, w: NDArray[Any], y: int, geometry: Geometry, same: bool) -> None:
        """Adds CONV_2D with weights [M, k1, k2, C] and a bias of zeros."""
        schema, M = self.schema, len(w)
        kernels = np.moveaxis(w, 1, -1)
        weights = self.tensor(kernels.shape, kernels, scale=1, channels=M)
        wide = schema.TensorType.FLOAT32 if self.scale is None else schema.TensorType.INT32
        zeros = np.zeros(M, np.float32 if self.scale is None else np.int32)
        bias = self.tensor((M,), zeros, scale=1, type=wide, channels=M)
        options = schema.Conv2DOptionsT()
        options.strideH, options.strideW = geometry.strides
        options.dilationHFactor, options.dilationWFactor = geometry.dilations
        options.padding = schema.Padding.SAME if same else schema.Padding.VALID
        self.operator("CONV_2D", [x, weights, bias], y, "Conv2DOptions", options, 3)

    def bytes_of(self, x: int, y: int) -> bytes:
        """The flatbuffer."""
        import flatbuffers

        graph, model = self.schema.SubGraphT(), self.schema.ModelT()
        graph.inputs, graph.outputs, graph.name = [x], [y], b"main"
        graph.operators, graph.tensors = self.operators, self.tensors
        model.version, model.description = SCHEMA, b"qref"
        model.operatorCodes, model.subgraphs, model.buffers = self.codes, [graph], self.buffers
        builder = flatbuffers.Builder(1024)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


def is_same(geometry: Geometry, image: tuple[int, ...]) -> bool:
    """Whether this padding is what TFLite calls SAME: ⌈n / s⌉ outputs, the smaller half of the padding before."""
    for i, n in enumerate(image):
        count = -(-n // geometry.strides[i])
        whole = max((count - 1) * geometry.strides[i] + geometry.extent(i) - n, 0)
        if (geometry.pads_begin[i], geometry.pads_end[i]) != (whole // 2, whole - whole // 2):
            return False
    return True


LITERT = Peer("litert", check, prepare, lambda: version("ai-edge-litert"))
