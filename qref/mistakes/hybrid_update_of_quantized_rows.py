"""A step that moves the hybrid weights in place of the real ones."""

from qref.mistakes.altered_request import check, rerun
from qref.mistakes.binary_schemes import given, rounded, values
from qref.mistakes.mistake import Mistake
from qref.numerics.tensor import Tensor
from qref.ops.qref.sq_bwn import stochastic_quantization
from qref.ops.request import Request

OPERATORS = ("StochasticQuantizationStep",)


def run(request: Request) -> list[Tensor]:
    check(request, OPERATORS)
    of_a, _ = rerun(request)
    attributes, W = given(request), request.inputs[1]
    assert W is not None
    names = ("ratio", "seed", "tensor")
    W_tilde = stochastic_quantization(W, **{name: attributes[name] for name in names})[1].data
    step = attributes["learning_rate"] * (values(request, 2).T @ values(request, 0))
    return [of_a, *rounded(W_tilde - step)]


MISTAKE = Mistake(
    name="hybrid-update-of-quantized-rows",
    operators=OPERATORS,
    flags=("roulette", "update"),
    effect="A drawn row goes on from ±α: its weights 0.1 and 0.5 both become 0.3 and lose what they were.",
    fix="Update the real weights of all rows.",
    symptom="nearly everywhere",
    run=run,
)
