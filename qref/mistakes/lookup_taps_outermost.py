"""Codes read as [taps, M, S]: rows of a kernel's taps taken for rows of output channels."""

from dataclasses import replace
from math import prod

import numpy as np

from qref.mistakes.altered_request import rerun
from qref.mistakes.lookups import CONV, operands
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    _, codes, _, _ = operands(request, (CONV,))
    rows, S = codes.shape
    taps = prod(request.attributes["kernel_shape"])
    read = codes.data.reshape(taps, rows // taps, S).transpose(1, 0, 2)
    return rerun(request, {1: replace(codes, data=np.ascontiguousarray(read).reshape(rows, S))})


MISTAKE = Mistake(
    name="lookup-taps-outermost",
    operators=(CONV,),
    flags=("several-taps",),
    effect="Row 1 of the codes, tap 1 of output channel 0, is taken for tap 0 of channel 1. Right for 1×1 kernels.",
    fix="Rows are (m, tap), taps inner; the authors' own program has taps outermost and needs another order.",
    symptom="only in some shapes",
    run=run,
)
