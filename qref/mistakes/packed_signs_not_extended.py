"""Signed codes unpacked as if they were unsigned."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("UnpackCodes",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    [codes] = rerun(request, attributes={"signed": 0})
    return [Tensor("int8", codes.data.view("int8")) if request.attributes.get("signed") else codes]


MISTAKE = Mistake(
    name="packed-signs-not-extended",
    operators=OPERATORS,
    flags=("packed-signs",),
    effect="−1 in three bits comes out as 7, the sign −1 as 0.",
    fix="Extend the highest bit of the code: subtract 2^bits where it is set; one bit stands for −1 and +1.",
    symptom="only negative values",
    run=run,
)
