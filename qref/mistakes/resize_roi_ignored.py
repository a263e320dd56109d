"""Resize: tf_crop_and_resize of the whole tensor, roi ignored."""

import numpy as np

from qref.mistakes.altered_request import rerun
from qref.mistakes.mistake import Mistake
from qref.mistakes.resizing import RESIZE, planned
from qref.numerics.floats import encode
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    found, roi = planned(request), request.inputs[1] if len(request.inputs) > 1 else None
    if found.coordinates != "tf_crop_and_resize" or roi is None:
        return rerun(request)
    n = roi.data.size // 2
    return rerun(request, inputs={1: encode(np.repeat([0.0, 1.0], n), roi.dtype)})


MISTAKE = Mistake(
    name="resize-roi-ignored",
    operators=RESIZE,
    flags=("crop",),
    effect="roi [0.5, 1]: the output shows all of the axis instead of its second half. Right for [0, 1].",
    fix="Read starts and ends from roi, starts first.",
    symptom="nearly everywhere",
    run=run,
)
