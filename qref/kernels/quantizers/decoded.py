"""ScaledDecode and CodebookDecode: the reference's own NumPy, which is one pass already."""

from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.operator import Operator
from qref.ops.request import Request


def decoded(request: Request, operator: Operator) -> Tensor:
    """The operator of the request, by its reference function."""
    answer = operator.function(*request.inputs, **keywords(request, operator))
    assert isinstance(answer, Tensor)
    return answer
