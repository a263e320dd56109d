"""Pad: reflect repeats the first and last element, as TensorFlow's SYMMETRIC does."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.padding import PAD, amounts, by_rule
from qref.numerics.tensor import Tensor
from qref.ops.onnx.axis_indices import Indices
from qref.ops.onnx.pad import source
from qref.ops.request import Request


def symmetric(length: int, begin: int, end: int, mode: str) -> Indices:
    if mode != "reflect" or length == 0:
        return source(length, begin, end, mode)
    place = np.arange(-begin, length + end) % (2 * length)
    return np.minimum(place, 2 * length - 1 - place)


def run(request: Request) -> list[Tensor]:
    return by_rule(request, symmetric, amounts(request))


MISTAKE = Mistake(
    name="pad-reflect-repeats-the-edge",
    operators=PAD,
    flags=("pad-reflect",),
    effect="[1, 2, 3] with 2 before gives [2, 1, 1, 2, 3] instead of [3, 2, 1, 2, 3].",
    fix="Mirror about the element, not about its border.",
    symptom="only at the edges of an image",
    run=run,
    seen_in=("onnx/onnx#5245",),
)
