"""Sums that begin with the bias in each sub-space."""

from dataclasses import replace

import numpy as np

from qref.mistakes.altered_request import rerun
from qref.mistakes.lookups import BOTH, bias_of, operands
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    _, codes, _, _ = operands(request)
    B = bias_of(request)
    return rerun(request, {3: replace(B, data=B.data * np.float32(codes.shape[1]))})


MISTAKE = Mistake(
    name="lookup-adds-the-bias-in-each-subspace",
    operators=BOTH,
    flags=("bias", "several-subspaces"),
    effect="With 3 sub-spaces the bias is there three times.",
    fix="Outputs begin as the bias; sub-spaces are added to what is there.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
