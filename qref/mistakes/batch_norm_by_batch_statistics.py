"""Normalized by the batch's own statistics: mean and variance of X, as in training."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.normalizing import NORMALIZATION, by_formula
from qref.mistakes.products import Array
from qref.numerics.tensor import Tensor
from qref.ops.onnx.batch_normalization import Normalization
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def of_batch(given: Normalization) -> Array:
        if given.x.size == 0:
            return given.x
        x, spatial = given.x, request.attributes.get("spatial", 1)
        axes = (0, *range(2, x.ndim)) if spatial else (0,)
        mean = x.mean(axis=axes, keepdims=True)
        var = ((x - mean) ** 2).mean(axis=axes, keepdims=True)
        return (x - mean) / np.sqrt(var + given.epsilon) * given.scale + given.b

    return by_formula(request, of_batch)


MISTAKE = Mistake(
    name="batch-norm-by-batch-statistics",
    operators=NORMALIZATION,
    flags=("epsilon", "per-channel"),
    effect="[1, 3] with mean 0 and var 1 gives [-1, 1], its own normal form, instead of [1, 3].",
    fix="In inference use the inputs mean and var; training_mode is 0 by default.",
    symptom="nearly everywhere",
    run=run,
    seen_in=("apache/tvm#19574",),
    real=True,
)
