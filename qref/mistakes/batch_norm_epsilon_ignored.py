"""Epsilon ignored: divided by √var."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.normalizing import NORMALIZATION, by_formula
from qref.mistakes.products import Array
from qref.numerics.tensor import Tensor
from qref.ops.onnx.batch_normalization import Normalization
from qref.ops.request import Request


def without(given: Normalization) -> Array:
    return (given.x - given.mean) / np.sqrt(given.var) * given.scale + given.b


def run(request: Request) -> list[Tensor]:
    return by_formula(request, without)


MISTAKE = Mistake(
    name="batch-norm-epsilon-ignored",
    operators=NORMALIZATION,
    flags=("epsilon",),
    effect=(
        "A channel with var 0 gives infinity or NaN where epsilon 1e-5 gives (x − mean) / 0.00316. Nearly right where "
        "var is large."
    ),
    fix="Divide by √(var + epsilon).",
    symptom="nearly everywhere",
    run=run,
    seen_in=("Tencent/ncnn#311",),
    real=True,
)
