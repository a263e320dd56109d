"""Signs of v − α·(the others) in hashing, without the α in front: right where it is positive."""

from qref.mistakes.altered_request import check
from qref.mistakes.hashings import Hashing, without_scale_in_front
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("InnerProductHashing",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return Hashing(sweep=without_scale_in_front).run(request)


MISTAKE = Mistake(
    name="hashing-takes-scale-for-positive",
    operators=OPERATORS,
    flags=("negative-scale",),
    effect="w = (0, −4, −3, 5) fed with (3, 2, 0, 2) gets scale −2; the next sweep decides signs the wrong way.",
    fix="b_j is the sign of α·(v_j − α·Σ G_ji b_i), the first α included.",
    symptom="only negative values",
    run=run,
)
