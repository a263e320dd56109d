"""One scale for the whole tensor, written once for each part."""

from dataclasses import replace

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("OptimalScale", "OptimalScaleGlobal")


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    codes, scales = rerun(request)
    if scales.data.size == 1:
        return [codes, scales]
    own, scale = rerun(request, attributes={"granularity": "tensor", "group_size": None})
    return [own, replace(scales, data=np.full_like(scales.data, scale.data[0]))]


MISTAKE = Mistake(
    name="optimal-scale-of-the-whole-tensor",
    operators=OPERATORS,
    flags=("scale-a-channel", "scale-a-group"),
    effect="Channels of small weights get codes of few values, or none but 0.",
    fix="Solve the problem for the weights of each part alone.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
