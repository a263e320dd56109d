"""Pad: reflect fills with zeros what one reflection does not reach."""

import numpy as np

from qref.mistakes.mistake import Mistake
from qref.mistakes.padding import PAD, amounts, by_rule
from qref.numerics.tensor import Tensor
from qref.ops.onnx.axis_indices import OUTSIDE, Indices
from qref.ops.onnx.pad import source
from qref.ops.request import Request


def once(length: int, begin: int, end: int, mode: str) -> Indices:
    index = source(length, begin, end, mode)
    place = np.arange(-begin, length + end)
    far = (place < 1 - length) | (place > 2 * (length - 1))
    return np.where(far, OUTSIDE, index) if mode == "reflect" else index


def run(request: Request) -> list[Tensor]:
    added = amounts(request)
    return by_rule(request, once, added, zero=request.attributes.get("mode") == "reflect")


MISTAKE = Mistake(
    name="pad-reflect-reads-zero-beyond-length",
    operators=PAD,
    flags=("pad-exceeds-length", "pad-reflect"),
    effect=(
        "[1, 1.2] with 2 before gives [0, 1.2, 1, 1.2] instead of [1, 1.2, 1, 1.2]. Right for pads shorter than the "
        "axis."
    ),
    fix="Go on mirroring: min(p mod 2(n − 1), −p mod 2(n − 1)).",
    symptom="only at the edges of an image",
    run=run,
    seen_in=("microsoft/onnxruntime#16401", "microsoft/onnxruntime#20801", "microsoft/onnxruntime#8265"),
    real=True,
)
