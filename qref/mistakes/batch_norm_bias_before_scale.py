"""Bias before scale: ((x − mean) / √(var + epsilon) + B) · scale."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.normalizing import NORMALIZATION, by_formula
from qref.mistakes.products import Array
from qref.numerics.tensor import Tensor
from qref.ops.onnx.batch_normalization import Normalization
from qref.ops.request import Request


def bias_first(given: Normalization) -> Array:
    return ((given.x - given.mean) / np.sqrt(given.var + given.epsilon) + given.b) * given.scale


def run(request: Request) -> list[Tensor]:
    return by_formula(request, bias_first)


MISTAKE = Mistake(
    name="batch-norm-bias-before-scale",
    operators=NORMALIZATION,
    flags=("epsilon", "per-channel"),
    effect=(
        "With scale 2 and B 1 a normalized 3 gives (3 + 1)·2 = 8 instead of 3·2 + 1 = 7. Right for scale 1 or B 0."
    ),
    fix="Multiply by scale, then add B.",
    symptom="nearly everywhere",
    run=run,
)
