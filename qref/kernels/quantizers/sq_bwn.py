"""StochasticQuantization: the reference's own draw, whose exact totals are few passes; a step in float32."""

import numpy as np

from qref.numerics.philox import Stream
from qref.numerics.tensor import Tensor
from qref.ops import keywords
from qref.ops.operator import Operator
from qref.ops.qref.binary_connect import layer
from qref.ops.request import Request
from qref.quantizers.sq_bwn import StochasticQuantization


def stochastic_quantization(request: Request, operator: Operator) -> tuple[Tensor, ...]:
    """StochasticQuantization."""
    answer = operator.function(*request.inputs, **keywords(request, operator))
    assert isinstance(answer, tuple)
    return answer


def stochastic_quantization_step(request: Request, operator: Operator) -> tuple[Tensor, Tensor]:
    """StochasticQuantizationStep."""
    usual = {name: attribute.default for name, attribute in operator.attributes.items()}
    given = {**usual, **keywords(request, operator)}
    a, W, g = request.inputs
    assert a is not None and W is not None and g is not None
    inputs, weights, gradient = layer(a, W, g)
    stream = Stream(given["seed"], given["tensor"])
    W_tilde = StochasticQuantization(given["ratio"]).encode(weights, stream=stream).decode()
    with np.errstate(over="ignore", invalid="ignore"):
        updated = weights - np.float32(given["learning_rate"]) * (gradient.T @ inputs)
        return Tensor("float32", gradient @ W_tilde), Tensor("float32", updated)
