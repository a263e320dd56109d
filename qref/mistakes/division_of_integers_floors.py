"""Division of integers rounds down."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.elementwise import is_whole, saturated
from qref.mistakes.float_products import two
from qref.mistakes.mistake import Mistake
from qref.mistakes.products import left_of
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("Div",))
    if not is_whole(request):
        return rerun(request)
    a, b = (x.data.astype(object) for x in two(request))
    return [saturated(np.asarray(a // b, object), left_of(request).dtype)]


MISTAKE = Mistake(
    name="division-of-integers-floors",
    operators=("Div",),
    flags=("integer-division",),
    effect="−7 / 2 gives −4 instead of −3. Right where both operands have one sign.",
    fix="Truncate toward zero, as C's integer division does.",
    symptom="only negative values",
    run=run,
    seen_in=("onnx/onnx#7570", "microsoft/onnxruntime#26997"),
    real=True,
)
