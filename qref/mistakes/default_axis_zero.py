"""Default axis 0: an absent axis is taken for 0 instead of 1."""

from qref.mistakes.altered_request import rerun
from qref.mistakes.linear_granularity import LINEAR, require_per_axis
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    require_per_axis(request)
    return rerun(request, attributes={"axis": request.attributes.get("axis", 0)})


MISTAKE = Mistake(
    name="default-axis-zero",
    operators=LINEAR,
    flags=("axis", "per-channel"),
    effect=(
        "Without the attribute, [[4, 4], [4, 4]] with scales [1, 2] becomes rows of 4 and 8 instead of columns of 4 "
        "and 8. Weights are quantized along axis 0, so models that set it hide this."
    ),
    fix="The default of axis is 1.",
    symptom="only with several channels, rows or blocks",
    run=run,
    seen_in=("apache/tvm#9028", "microsoft/onnxruntime#17718"),
)
