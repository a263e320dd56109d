"""The two ranks taken for each other."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("Tucker2",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    rank_in, rank_out = (request.attributes.get(name, 1) for name in ("rank_in", "rank_out"))
    return rerun(request, attributes={"rank_in": rank_out, "rank_out": rank_in})


MISTAKE = Mistake(
    name="tucker-ranks-exchanged",
    operators=OPERATORS,
    flags=("two-ranks",),
    effect="1 channel in and 3 out become 3 in and 1 out; equal ranks hide it.",
    fix="rank_in belongs to axis 1 of the kernel, rank_out to axis 0.",
    symptom="only in some shapes",
    run=run,
)
