"""Lists of element types of the operators that only move data; string and complex are no types of this format."""

FLOAT8 = ("float8e4m3fn", "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz")
NUMBERS = (
    *("uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64"),
    *("float16", "float32", "float64"),
)
DATA = (*NUMBERS, "bool")
# with what later opsets add
DATA_13 = (*DATA, "bfloat16")
DATA_21 = (*DATA_13, *FLOAT8, "uint4", "int4")
DATA_23 = (*DATA_21, "float4e2m1")
DATA_24 = (*DATA_23, "float8e8m0")
DATA_25 = (*DATA_24, "uint2", "int2")
