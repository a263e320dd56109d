"""Three sweeps over the signs, whether or not they still change."""

from qref.mistakes.altered_request import check
from qref.mistakes.hashings import Hashing
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("InnerProductHashing",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return Hashing(sweeps=3).run(request)


MISTAKE = Mistake(
    name="hashing-sweeps-three-times",
    operators=OPERATORS,
    flags=("many-sweeps",),
    effect="After 3 sweeps signs and scale stop short of where neither changes.",
    fix="Sweep until signs and scale stay, 100 times at most.",
    symptom="only in some shapes",
    run=run,
)
