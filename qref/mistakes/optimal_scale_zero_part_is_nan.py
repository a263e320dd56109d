"""Σwb / Σb² of a part of zeros: 0/0."""

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
    return [codes, replace(scales, data=np.where(scales.data == 0, np.float32(np.nan), scales.data))]


MISTAKE = Mistake(
    name="optimal-scale-zero-part-is-nan",
    operators=OPERATORS,
    flags=("zero-part",),
    effect="The scale of a channel of zeros is 0/0, NaN, and so is everything computed from it.",
    fix="A part without any weight but 0 has scale 0 and codes 0.",
    symptom="only at zero",
    run=run,
)
