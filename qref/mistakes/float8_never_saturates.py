"""float8 never saturates: what is too large becomes NaN or infinity although saturate is 1."""

from qref.mistakes.altered_request import rerun
from qref.mistakes.float_codes import require_output
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.onnx.quantize_linear import FLOAT8
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    require_output(request, FLOAT8)
    return rerun(request, attributes={"saturate": 0})


MISTAKE = Mistake(
    name="float8-never-saturates",
    operators=("QuantizeLinear",),
    flags=("float8", "saturation", "infinity"),
    effect="1000 becomes NaN in float8e4m3fn instead of 448, 100000 infinity in float8e5m2 instead of 57344.",
    fix="saturate defaults to 1: hold at the largest number.",
    symptom="only at the ends of the range",
    run=run,
)
