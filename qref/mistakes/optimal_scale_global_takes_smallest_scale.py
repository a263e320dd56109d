"""Of several scales with the same least error the smallest, with codes as large as they get."""

from dataclasses import replace

import numpy as np

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.qref import granularity as grain
from qref.ops.request import Request

OPERATORS = ("OptimalScaleGlobal",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    codes, scales = rerun(request)
    K = 2 ** (request.attributes.get("bits", 8) - 1) - 1
    given = request.attributes
    parts = grain.of(given.get("granularity", "channel"), given.get("group_size", 0))
    larger, smaller = codes.data.copy(), scales.data.copy()
    for p, b in enumerate(parts.parts(larger)):
        times = K // max(int(np.abs(b.astype(np.int64)).max(initial=0)), 1) or 1
        b *= np.int8(times)
        smaller[p] /= np.float32(times)
    return [replace(codes, data=larger), replace(scales, data=smaller)]


MISTAKE = Mistake(
    name="optimal-scale-global-takes-smallest-scale",
    operators=OPERATORS,
    flags=("equal-errors",),
    effect="A single weight w becomes K·(w/K) in place of 1·w: the same number, in another code.",
    fix="Keep the first best when scales fall, replace it only by a smaller error.",
    symptom="only in some shapes",
    run=run,
)
