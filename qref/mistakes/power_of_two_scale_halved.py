"""Power-of-two scale halved: float8e8m0 is decoded with the bias 128."""

import numpy as np

from qref.errors import Unsupported
from qref.mistakes.altered_request import check, rerun
from qref.mistakes.linear_granularity import LINEAR, SCALE
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, LINEAR)
    scale = request.inputs[SCALE]
    assert scale is not None
    if scale.dtype != "float8e8m0":
        raise Unsupported(f"the scale is {scale.dtype}, the mistake is one with float8e8m0")
    # 0 stays the smallest and 255 NaN
    codes = np.where((scale.data == 0) | (scale.data == 255), scale.data, scale.data - 1).astype(np.uint8)
    return rerun(request, inputs={SCALE: Tensor(scale.dtype, codes)})


MISTAKE = Mistake(
    name="power-of-two-scale-halved",
    operators=LINEAR,
    flags=("precision", "output-dtype"),
    effect="Code 127 is read as 2⁻¹ instead of 2⁰: DequantizeLinear halves every value, QuantizeLinear doubles it.",
    fix="A float8e8m0 code c is 2^(c − 127).",
    symptom="nearly everywhere",
    run=run,
)
