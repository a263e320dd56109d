"""storage_order ignored: indices are row-major."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

MAX = ("MaxPool",)


def run(request: Request) -> list[Tensor]:
    check(request, MAX)
    return rerun(request, attributes={"storage_order": None})


MISTAKE = Mistake(
    name="max-pool-storage-order-ignored",
    operators=MAX,
    flags=("column-major", "indices"),
    effect=(
        "Place (0, 1) of a 2×2 image is 1 in row-major and 2 in column-major order. Right for storage_order 0, and in "
        "one dimension of one channel."
    ),
    fix="With storage_order 1 the first dimension runs fastest; or refuse it.",
    symptom="only in some shapes",
    run=run,
)
