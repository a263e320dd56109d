"""HardSigmoid without alpha takes PyTorch's slope, 1/6."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("HardSigmoid",))
    return rerun(request, attributes={"alpha": request.attributes.get("alpha", float(np.float32(1 / 6)))})


MISTAKE = Mistake(
    name="hard-sigmoid-slope-one-sixth",
    operators=("HardSigmoid",),
    flags=("default-attribute",),
    effect="Without alpha 1 becomes 0.6666667 instead of 0.7. Right where alpha is given, at 0 and beyond ±3.",
    fix="ONNX's default is 0.2.",
    symptom="nearly everywhere",
    run=run,
    seen_in=("llvm/torch-mlir#2682",),
)
