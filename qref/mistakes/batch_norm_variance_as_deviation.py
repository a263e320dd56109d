"""Variance as deviation: divided by var + epsilon, without a root."""

from qref.mistakes.mistake import Mistake
from qref.mistakes.normalizing import NORMALIZATION, by_formula
from qref.mistakes.products import Array
from qref.numerics.tensor import Tensor
from qref.ops.onnx.batch_normalization import Normalization
from qref.ops.request import Request


def rootless(given: Normalization) -> Array:
    return (given.x - given.mean) / (given.var + given.epsilon) * given.scale + given.b


def run(request: Request) -> list[Tensor]:
    return by_formula(request, rootless)


MISTAKE = Mistake(
    name="batch-norm-variance-as-deviation",
    operators=NORMALIZATION,
    flags=("epsilon", "per-channel"),
    effect="With var 4 the divisor is 4 instead of 2. Right where var + epsilon is 1.",
    fix="The fifth input is the variance: take its root.",
    symptom="nearly everywhere",
    run=run,
)
