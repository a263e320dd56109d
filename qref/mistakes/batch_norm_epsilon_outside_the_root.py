"""Epsilon outside the root: √var + epsilon instead of √(var + epsilon)."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.normalizing import NORMALIZATION, by_formula
from qref.mistakes.products import Array
from qref.numerics.tensor import Tensor
from qref.ops.onnx.batch_normalization import Normalization
from qref.ops.request import Request


def outside(given: Normalization) -> Array:
    return (given.x - given.mean) / (np.sqrt(given.var) + given.epsilon) * given.scale + given.b


def run(request: Request) -> list[Tensor]:
    return by_formula(request, outside)


MISTAKE = Mistake(
    name="batch-norm-epsilon-outside-the-root",
    operators=NORMALIZATION,
    flags=("epsilon",),
    effect=(
        "With var 1e-4 and epsilon 1e-3 the divisor is 0.011 instead of 0.0332. Nearly right where var is large: it "
        "passes most tests."
    ),
    fix="Add epsilon to the variance.",
    symptom="nearly everywhere",
    run=run,
    seen_in=("Tencent/ncnn#311",),
    real=True,
)
