# SPDX-License-Identifier: CC0-1.0
"""The shortest qref engine: three operators, a template to extend. An operator is one function and one table line."""

import base64
import json
import sys
from fractions import Fraction

import numpy as np


def array(t):
    if t is None or t["dtype"] not in ("int8", "uint8", "int16", "uint16", "int32", "float32"):
        raise NotImplementedError("an input that is absent, or of a dtype that is missing here")
    dtype = np.dtype(t["dtype"]).newbyteorder("<")
    return np.frombuffer(base64.b64decode(t["data"], validate=True), dtype).reshape(t["shape"])


def quantize_linear(attributes, x, scale, zero_point=np.uint8(0)):  # noqa: B008
    if (x.dtype, scale.dtype, scale.shape, zero_point.shape) != (np.float32, np.float32, (), ()) or attributes:
        raise NotImplementedError("only float32 and per tensor")
    q, limits = np.rint(x / scale).astype(np.float64) + int(zero_point), np.iinfo(zero_point.dtype)
    return np.nan_to_num(np.clip(q, limits.min, limits.max)).astype(zero_point.dtype)


def matmul_integer(attributes, a, b, *zero_points):
    if (a.ndim, b.ndim, a.itemsize, b.itemsize) != (2, 2, 1, 1) or any(z.ndim > 0 for z in zero_points):
        raise NotImplementedError("only two matrices with scalar zero points")
    a_zero, b_zero = [int(z) for z in zero_points] + [0] * (2 - len(zero_points))
    return ((a.astype(np.int64) - a_zero) @ (b.astype(np.int64) - b_zero)).astype(np.int32)  # wraps


def requantize(attributes, accumulator, x_scale, w_scale, y_scale, zero_point):
    limits, shape = np.iinfo(zero_point.dtype), [1] * accumulator.ndim
    if w_scale.ndim:
        shape[attributes.get("axis", 1)] = accumulator.shape[attributes.get("axis", 1)]
    scales = np.broadcast_to(w_scale.reshape(shape), accumulator.shape).flat
    factor = Fraction(float(x_scale)) / Fraction(float(y_scale))  # exact; round() is half to even
    y = [round(int(a) * Fraction(float(w)) * factor) + int(zero_point) for a, w in zip(accumulator.flat, scales)]
    return np.array([min(max(v, limits.min), limits.max) for v in y], zero_point.dtype).reshape(accumulator.shape)


OPERATORS = {"QuantizeLinear": quantize_linear, "MatMulInteger": matmul_integer, "qref:Requantize": requantize}
for line in sys.stdin.buffer:
    answer = {"id": None}
    try:
        request = json.loads(line)
        answer["id"], name = request["id"], f"{request.get('domain', '')}:{request['op']}".lstrip(":")
        if name == "qref:Hello":
            answer |= {"protocol": 1, "name": "qref-python", "version": "1.0"}
        elif name not in OPERATORS:
            answer["unsupported"] = "no such operator here"
        else:
            y = OPERATORS[name](request.get("attributes", {}), *map(array, request.get("inputs", [])))
            data = base64.b64encode(y.astype(y.dtype.newbyteorder("<")).tobytes())
            answer["outputs"] = [{"dtype": y.dtype.name, "shape": list(y.shape), "data": data.decode()}]
    except Exception as why:
        answer["unsupported" if isinstance(why, NotImplementedError) else "error"] = f"{why!r}"
    print(json.dumps(answer), flush=True)
