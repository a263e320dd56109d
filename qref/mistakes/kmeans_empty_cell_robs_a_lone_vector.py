"""An empty cell takes the farthest vector even out of a cell that holds nothing else."""

from qref.mistakes.altered_request import check
from qref.mistakes.clusterings import Array, Engine, Places
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.request import Request

OPERATORS = ("KMeansStep", "VectorCodebook", "ProductCodebook")


def robbing(codes: Places, far: Array, V: int) -> Places:
    """Empty cells filled with the farthest vector, wherever it lies."""
    codes, far = codes.copy(), far.copy()
    for v in range(V):
        if not (codes == v).any() and far.any():
            i = int(far.argmax())
            codes[i], far[i] = v, 0.0
    return codes


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    return Engine(fill=robbing).run(request)


MISTAKE = Mistake(
    name="kmeans-empty-cell-robs-a-lone-vector",
    operators=OPERATORS,
    flags=("lone-vector",),
    effect="Cell 1 is filled and cell 0 becomes empty in its place.",
    fix="Take the farthest of the vectors that do not lie alone in their cell.",
    symptom="only in some shapes",
    run=run,
)
