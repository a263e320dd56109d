"""LeakyRelu without alpha takes another framework's default, 0.2."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    check(request, ("LeakyRelu",))
    return rerun(request, attributes={"alpha": request.attributes.get("alpha", float(np.float32(0.2)))})


MISTAKE = Mistake(
    name="leaky-relu-default-fifth",
    operators=("LeakyRelu",),
    flags=("default-attribute",),
    effect="Without alpha −1 becomes −0.2 instead of −0.01. Right where alpha is given.",
    fix="ONNX's default is 0.01; 0.2 and 0.3 are those of TensorFlow and Keras.",
    symptom="only negative values",
    run=run,
    seen_in=("microsoft/onnxconverter-common#117",),
)
