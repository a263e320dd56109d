"""Mean and variance swapped: the fourth input is taken for the variance."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.normalizing import NORMALIZATION, by_formula
from qref.mistakes.products import Array
from qref.numerics.tensor import Tensor
from qref.ops.onnx.batch_normalization import Normalization
from qref.ops.request import Request


def swapped(given: Normalization) -> Array:
    return (given.x - given.var) / np.sqrt(given.mean + given.epsilon) * given.scale + given.b


def run(request: Request) -> list[Tensor]:
    return by_formula(request, swapped)


MISTAKE = Mistake(
    name="batch-norm-mean-and-variance-swapped",
    operators=NORMALIZATION,
    flags=("epsilon", "per-channel"),
    effect="mean 1 and var 4 on x = 5 give (5 − 4) / 1 = 1 instead of (5 − 1) / 2 = 2; a negative mean gives NaN.",
    fix="Inputs are X, scale, B, mean, var.",
    symptom="nearly everywhere",
    run=run,
)
