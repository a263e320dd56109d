"""Half-wave quantization that takes every number to its nearest level, negative ones too."""

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("HalfWaveQuantize",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    codes, values = rerun(request)
    levels = request.inputs[1]
    assert levels is not None
    lost = codes.data == 0
    return [
        Tensor("uint8", np.where(lost, 1, codes.data).astype(np.uint8)),
        Tensor("float32", np.where(lost, levels.data[0], values.data).astype(np.float32)),
    ]


MISTAKE = Mistake(
    name="half-wave-rounds-negatives",
    operators=OPERATORS,
    flags=("half-wave", "sign-of-zero"),
    effect="Numbers up to 0 become the first level: the rectifier is lost.",
    fix="Ask for x ≤ 0 first: these are 0.",
    symptom="only negative values",
    run=run,
)
