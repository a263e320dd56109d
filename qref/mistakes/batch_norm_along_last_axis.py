"""Normalized along the last axis: channel parameters are indexed by the innermost dimension."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.normalizing import NORMALIZATION, by_formula
from qref.mistakes.products import Array
from qref.numerics.tensor import Tensor
from qref.ops.onnx.batch_normalization import Normalization
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def innermost(given: Normalization) -> Array:
        if given.x.ndim < 3 or not request.attributes.get("spatial", 1) or given.x.size == 0:
            scale, b, mean, var = given.scale, given.b, given.mean, given.var
        else:
            scale, b, mean, var = (last(spread) for spread in (given.scale, given.b, given.mean, given.var))
        return (given.x - mean) / np.sqrt(var + given.epsilon) * scale + b

    return by_formula(request, innermost)


def last(spread: Array) -> Array:
    """The parameters of an array spread over [N, C, …], by the last index instead of the channel's."""
    channels: Array = spread.reshape(*spread.shape[:2], -1)[0, :, 0]
    return channels[np.arange(spread.shape[-1]) % len(channels)]


MISTAKE = Mistake(
    name="batch-norm-along-last-axis",
    operators=NORMALIZATION,
    flags=("per-channel", "epsilon"),
    effect=(
        "With scale [1, 2] on [1, 2, 2] columns are scaled by 1 and 2 instead of channels, as if the layout were "
        "NHWC. Right where all channels have the same parameters."
    ),
    fix="Parameters belong to axis 1.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
