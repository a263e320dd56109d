"""A codebook of fewer distinct weights than values that is filled up with zeros."""

import numpy as np

from qref.errors import Unsupported
from qref.mistakes.mistake import Mistake
from qref.mistakes.scalar_codebooks import EXACT, Found, Part, by_parts
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    def rule(w: Part, V: int) -> Found:
        values = np.unique(w)
        if values.size > V:
            raise Unsupported("no value is unused")
        return np.searchsorted(values, w), values

    return by_parts(request, rule, EXACT, fill=0.0)


MISTAKE = Mistake(
    name="scalar-unused-values-are-zero",
    operators=EXACT,
    flags=("few-distinct",),
    effect="A codebook of 4 values for the weights -3 ends with zeros: it no longer rises.",
    fix="Repeat the largest value.",
    symptom="only in some shapes",
    run=run,
)
