"""DequantizeLinear that subtracts the zero point in x's own type, where the difference wraps."""

import numpy as np

from qref.errors import Unsupported
from qref.mistakes.dequantizing import dequantization
from qref.mistakes.mistake import Mistake
from qref.numerics.floats import multiply, round_to
from qref.numerics.formats import Integer, format_of
from qref.numerics.saturation import wrap
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def integers(dtype: str) -> Integer:
    """The format of x. Raises Unsupported for float8 and float4, where nothing wraps."""
    format = format_of(dtype)
    if not isinstance(format, Integer):
        raise Unsupported(f"x is {dtype}: the mistake is one with integers")
    return format


def run(request: Request) -> list[Tensor]:
    found = dequantization(request)
    format = integers(found.x_type)
    difference = wrap(found.x.astype(np.int64) - found.zero_point.astype(np.int64), format.bits, format.signed)
    T = found.multiplication
    return found.stored(multiply(round_to(difference.astype(np.float64), T), round_to(found.scale, T), T))


MISTAKE = Mistake(
    name="dequantize-subtracts-in-eight-bits",
    operators=("DequantizeLinear",),
    flags=("zero-point", "zero-point-ends", "four-bit", "sixteen-bit", "two-bit"),
    effect="uint8 5 − 10 becomes 251 (right: −5); int8 100 − (−100) becomes −56 (right: 200).",
    fix="Widen both to 32 bits before subtracting.",
    symptom="only with a zero point",
    run=run,
    seen_in=("pytorch/executorch#20655", "tile-ai/tilelang#2947", "onnx/onnx#6132"),
    real=True,
)
