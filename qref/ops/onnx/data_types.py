"""ONNX's numbers for data types, as attributes `output_dtype` and `precision` hold them (TensorProto.DataType)."""

from qref.errors import InvalidInput

DATA_TYPES = {
    1: "float32",
    2: "uint8",
    3: "int8",
    4: "uint16",
    5: "int16",
    6: "int32",
    10: "float16",
    16: "bfloat16",
    17: "float8e4m3fn",
    18: "float8e4m3fnuz",
    19: "float8e5m2",
    20: "float8e5m2fnuz",
    21: "uint4",
    22: "int4",
    23: "float4e2m1",
    24: "float8e8m0",
    25: "uint2",
    26: "int2",
}


def dtype_of(attribute: str, number: int) -> str | None:
    """The dtype of a number, None for 0 (not given). Raises InvalidInput for a number without a meaning here."""
    if number == 0:
        return None
    if number not in DATA_TYPES:
        raise InvalidInput(f"{attribute} is {number}: quantized operators know {', '.join(map(str, DATA_TYPES))}")
    return DATA_TYPES[number]
