"""Tables and sums in float16."""

import numpy as np

from qref.codebooks.lookup_tables import product
from qref.conv.lookup import lookup
from qref.mistakes.lookups import BOTH, CONV, operands
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.qref.lookup_conv import operands as of_convolution
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    X, codes, codebooks, d = operands(request)
    B = request.inputs[3] if len(request.inputs) > 3 else None
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        x, books = X.data.astype(np.float16), codebooks.data.astype(np.float16)
        if request.op == CONV:
            *_, windows = of_convolution(X, codes, codebooks, B, **request.attributes)
            y = lookup(x, codes.data, books, d, windows)
            bias = None if B is None else B.data.reshape(-1, *[1] * len(windows.kernel))
        else:
            y, bias = product(x, codes.data, books, d), None if B is None else B.data
        total = y.astype(np.float32) if bias is None else y.astype(np.float32) + bias
    return [Tensor("float32", total)]


MISTAKE = Mistake(
    name="lookup-sums-in-float16",
    operators=BOTH,
    flags=("several-subspaces", "wide-range", "several-taps"),
    effect="Tables of half the size, and sums that are right to 3 digits.",
    fix="Sum up in float32; a table may be stored in fewer bits only where its error is stated.",
    symptom="nearly everywhere",
    run=run,
)
