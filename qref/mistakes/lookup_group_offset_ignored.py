"""Tables of the first group's channels, looked up by all groups."""

import numpy as np

from qref.errors import Unsupported
from qref.mistakes.altered_request import rerun
from qref.mistakes.lookups import CONV, operands
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request


def run(request: Request) -> list[Tensor]:
    X, _, codebooks, _ = operands(request, (CONV,))
    G = request.attributes.get("group", 1)
    if G == 1:
        raise Unsupported("one group")
    first = X.data[:, : codebooks.shape[1]]
    return rerun(request, {0: Tensor("float32", np.concatenate([first] * G, axis=1))})


MISTAKE = Mistake(
    name="lookup-group-offset-ignored",
    operators=(CONV,),
    flags=("group",),
    effect="Output channels of group 1 see the input channels of group 0.",
    fix="Groups share codebooks, not tables: each group has tables of its own channels.",
    symptom="only with several channels, rows or blocks",
    run=run,
)
