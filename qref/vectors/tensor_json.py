"""Tensors as JSON: `{"dtype", "shape", "data"}`, base64 of little-endian elements in C order (contract: vectors)."""

import base64
import binascii
import math
from typing import Any

import numpy as np

from qref.errors import BadTensor
from qref.numerics.formats import format_of
from qref.numerics.tensor import Tensor


def encode(tensor: Tensor) -> dict[str, Any]:
    """The JSON object of a tensor."""
    storage = tensor.data.dtype.newbyteorder("<")
    raw = np.ascontiguousarray(tensor.data.astype(storage)).tobytes()
    return {"dtype": tensor.dtype, "shape": list(tensor.shape), "data": base64.b64encode(raw).decode("ascii")}


def decode(object: Any) -> Tensor:
    """The tensor of a JSON object.

    Raises:
        BadTensor: a member is missing or of the wrong type, the base64 is broken, or the number of bytes is not the
            shape's.
    """
    if not isinstance(object, dict):
        raise BadTensor(f"a tensor is an object with dtype, shape and data, not {type(object).__name__}")
    missing = [key for key in ("dtype", "shape", "data") if key not in object]
    if missing:
        raise BadTensor(f"a tensor lacks {', '.join(missing)}")
    dtype, shape, data = object["dtype"], object["shape"], object["data"]
    if not isinstance(dtype, str):
        raise BadTensor(f"dtype is {dtype!r}, not a string")
    if not isinstance(shape, list) or not all(type(n) is int and n >= 0 for n in shape):
        raise BadTensor(f"shape is {shape!r}, not a list of lengths")
    if not isinstance(data, str):
        raise BadTensor("data is not a base64 string")
    storage = np.dtype(format_of(dtype).storage).newbyteorder("<")
    try:
        raw = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadTensor(f"data is not padded base64: {error}") from None
    expected = math.prod(shape) * storage.itemsize
    if len(raw) != expected:
        raise BadTensor(f"{dtype} of shape {shape} takes {expected} bytes, data holds {len(raw)}")
    if dtype == "bool" and any(byte > 1 for byte in raw):
        raise BadTensor("a bool is the byte 0 or 1")
    try:
        array = np.frombuffer(raw, storage).reshape(shape).astype(storage.newbyteorder("="))
    except (ValueError, OverflowError) as error:
        raise BadTensor(f"no array has the shape {str(shape)[:80]}: {error}") from None
    return Tensor(dtype, array)
