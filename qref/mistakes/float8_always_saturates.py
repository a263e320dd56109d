"""float8 always saturates: what is too large becomes the largest number although saturate is 0."""

from qref.mistakes.altered_request import rerun
from qref.mistakes.float_codes import require_output
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.onnx.quantize_linear import FLOAT8
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    require_output(request, FLOAT8)
    return rerun(request, attributes={"saturate": 1})


MISTAKE = Mistake(
    name="float8-always-saturates",
    operators=("QuantizeLinear",),
    flags=("float8", "saturation", "infinity"),
    effect=(
        "With saturate 0, 1000 becomes 448 in float8e4m3fn instead of NaN, infinity 57344 in float8e5m2 instead of "
        "infinity."
    ),
    fix="Read the attribute saturate.",
    symptom="only at the ends of the range",
    run=run,
)
