"""One request as an ONNX model of one node, for the engines that run models.

The model is written with the request's opset and the lowest IR version that has it. Tensors carry raw data, so that
the types NumPy lacks need no package: 4-bit elements are packed two a byte, 2-bit elements four a byte, low bits first.
"""

import math
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper
from onnx.defs import OpSchema

from qref.errors import InvalidInput, Unsupported
from qref.numerics.formats import format_of
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

ONNX_TYPES: dict[str, int] = {
    "bool": TensorProto.BOOL,
    "int2": 26,
    "uint2": 25,
    "int4": TensorProto.INT4,
    "uint4": TensorProto.UINT4,
    "int8": TensorProto.INT8,
    "uint8": TensorProto.UINT8,
    "int16": TensorProto.INT16,
    "uint16": TensorProto.UINT16,
    "int32": TensorProto.INT32,
    "uint32": TensorProto.UINT32,
    "int64": TensorProto.INT64,
    "uint64": TensorProto.UINT64,
    "float16": TensorProto.FLOAT16,
    "bfloat16": TensorProto.BFLOAT16,
    "float32": TensorProto.FLOAT,
    "float64": TensorProto.DOUBLE,
    "float8e4m3fn": TensorProto.FLOAT8E4M3FN,
    "float8e4m3fnuz": TensorProto.FLOAT8E4M3FNUZ,
    "float8e5m2": TensorProto.FLOAT8E5M2,
    "float8e5m2fnuz": TensorProto.FLOAT8E5M2FNUZ,
    "float4e2m1": 23,
    "float8e8m0": 24,
}
DTYPES = {code: name for name, code in ONNX_TYPES.items()}


def input_name(k: int) -> str:
    return f"x{k}"


def output_name(k: int) -> str:
    return f"y{k}"


def pack(tensor: Tensor) -> bytes:
    """The tensor's elements as ONNX's raw_data holds them."""
    bits = format_of(tensor.dtype).bits
    storage = tensor.data.dtype.newbyteorder("<")
    if bits >= 8 or tensor.dtype == "bool":
        return np.ascontiguousarray(tensor.data.astype(storage)).tobytes()
    each = 8 // bits
    codes = tensor.data.reshape(-1).astype(np.uint8) & ((1 << bits) - 1)
    codes = np.concatenate([codes, np.zeros(-len(codes) % each, np.uint8)]).reshape(-1, each)
    return np.bitwise_or.reduce(codes << (np.arange(each, dtype=np.uint8) * bits), axis=1).astype(np.uint8).tobytes()


def unpack(raw: bytes, dtype: str, shape: Sequence[int]) -> Tensor:
    """The other direction of pack."""
    format = format_of(dtype)
    storage = np.dtype(format.storage)
    if format.bits >= 8 or dtype == "bool":
        return Tensor(dtype, np.frombuffer(raw, storage.newbyteorder("<")).reshape(shape).astype(storage))
    each = 8 // format.bits
    shifts = np.arange(each, dtype=np.uint8) * format.bits
    codes = (np.frombuffer(raw, np.uint8)[:, None] >> shifts).astype(np.uint8) & np.uint8((1 << format.bits) - 1)
    codes = codes.reshape(-1)[: math.prod(shape)]
    if storage.kind == "i":
        shift = 8 - format.bits
        return Tensor(dtype, ((codes << shift).astype(np.uint8).view(np.int8) >> shift).reshape(shape))
    return Tensor(dtype, codes.astype(storage).reshape(shape))


def one_node_model(request: Request, constants: Collection[int] = ()) -> bytes:
    """The serialized model; the inputs numbered in `constants` are its initializers, the others the graph's inputs.

    Raises:
        Unsupported: the installed onnx package does not know the operator or the opset.
        InvalidInput: an attribute is none of the operator's, or its value cannot be of the operator's type.
    """
    schema = _schema(request)
    names = [input_name(k) if x is not None else "" for k, x in enumerate(request.inputs)]
    outputs = [output_name(k) for k in range(request.outputs)]
    node = helper.make_node(request.op, names, outputs, domain=request.domain)
    node.attribute.extend(_attribute(schema, name, value) for name, value in request.attributes.items())
    given = [(k, x) for k, x in enumerate(request.inputs) if x is not None]
    graph = helper.make_graph(
        [node],
        request.op,
        [_info(k, x) for k, x in given if k not in constants],
        [onnx.ValueInfoProto(name=name) for name in outputs],
        [_initializer(k, x) for k, x in given if k in constants],
    )
    opset = helper.make_opsetid(request.domain, request.opset)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=helper.find_min_ir_version_for([opset], True))
    return model.SerializeToString()


def _schema(request: Request) -> OpSchema:
    try:
        return onnx.defs.get_schema(request.op, request.opset, request.domain)
    except onnx.defs.SchemaError:
        raise Unsupported(f"onnx {onnx.__version__} has no {request.op} of opset {request.opset}") from None


def _attribute(schema: OpSchema, name: str, value: Any) -> onnx.AttributeProto:
    """Typed by the operator's schema, never by the JSON literal: 1 may stand for the float 1.0."""
    if name not in schema.attributes:
        raise InvalidInput(f"{schema.name} has no attribute {name}")
    kind = schema.attributes[name].type
    try:
        if kind == OpSchema.AttrType.FLOAT:
            value = float(value)
        if kind == OpSchema.AttrType.FLOATS:
            value = [float(x) for x in value]
        return helper.make_attribute(name, value, attr_type=int(kind))  # type: ignore[call-overload]
    except (TypeError, ValueError, AssertionError) as error:
        raise InvalidInput(f"attribute {name} = {value!r}: {error}") from None


def _info(k: int, tensor: Tensor) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(input_name(k), ONNX_TYPES[tensor.dtype], list(tensor.shape))


def _initializer(k: int, tensor: Tensor) -> TensorProto:
    return helper.make_tensor(input_name(k), ONNX_TYPES[tensor.dtype], list(tensor.shape), pack(tensor), raw=True)
