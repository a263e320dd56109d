"""DequantizeLinear from opset 23 that multiplies in x_scale's type although output_dtype names another."""

from qref.errors import Unsupported
from qref.mistakes.dequantizing import dequantization
from qref.mistakes.mistake import Mistake
from qref.numerics.floats import float_format, multiply, round_to
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found = dequantization(request)
    if found.scale_type in (found.right.dtype, "float8e8m0"):
        raise Unsupported("the mistake shows only where output_dtype differs from x_scale's type")
    T = float_format(found.scale_type)
    product = multiply(round_to(found.x - found.zero_point, T), found.scale, T)
    return found.stored(product)


MISTAKE = Mistake(
    name="dequantize-multiplies-in-scale-type",
    operators=("DequantizeLinear",),
    flags=("output-dtype", "float16", "bfloat16"),
    effect=(
        "x = 3 with a float16 scale of 0.1 and output float32 gives 0.2998047 (right: 0.29992676): the product "
        "was rounded to float16."
    ),
    fix="Convert the scale to the output type and multiply there.",
    symptom="only in one number format",
    run=run,
    seen_in=("microsoft/onnxruntime#32728",),
)
