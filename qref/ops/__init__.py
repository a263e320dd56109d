"""Golden operators: one a file, under the name the standard gives it, and this table of them."""

from typing import Any

from qref.errors import InvalidInput, Unsupported
from qref.numerics.profiles import ONNX, PROFILES, Profile
from qref.numerics.tensor import Tensor
from qref.ops.bound import Bound
from qref.ops.onnx.add import ADD
from qref.ops.onnx.average_pool import AVERAGE_POOL
from qref.ops.onnx.batch_normalization import BATCH_NORMALIZATION
from qref.ops.onnx.clip import CLIP
from qref.ops.onnx.concat import CONCAT
from qref.ops.onnx.conv import CONV
from qref.ops.onnx.conv_integer import CONV_INTEGER
from qref.ops.onnx.conv_transpose import CONV_TRANSPOSE
from qref.ops.onnx.dequantize_linear import DEQUANTIZE_LINEAR
from qref.ops.onnx.div import DIV
from qref.ops.onnx.dynamic_quantize_linear import DYNAMIC_QUANTIZE_LINEAR
from qref.ops.onnx.evaluation_orders import open_answers
from qref.ops.onnx.flatten import FLATTEN
from qref.ops.onnx.gemm import GEMM
from qref.ops.onnx.global_average_pool import GLOBAL_AVERAGE_POOL
from qref.ops.onnx.hard_sigmoid import HARD_SIGMOID
from qref.ops.onnx.hard_swish import HARD_SWISH
from qref.ops.onnx.leaky_relu import LEAKY_RELU
from qref.ops.onnx.mat_mul import MAT_MUL
from qref.ops.onnx.mat_mul_integer import MAT_MUL_INTEGER
from qref.ops.onnx.max_pool import MAX_POOL
from qref.ops.onnx.mul import MUL
from qref.ops.onnx.p_relu import P_RELU
from qref.ops.onnx.pad import PAD
from qref.ops.onnx.q_linear_conv import Q_LINEAR_CONV
from qref.ops.onnx.q_linear_mat_mul import Q_LINEAR_MAT_MUL
from qref.ops.onnx.quantize_linear import QUANTIZE_LINEAR
from qref.ops.onnx.relu import RELU
from qref.ops.onnx.reshape import RESHAPE
from qref.ops.onnx.resize import RESIZE
from qref.ops.onnx.sigmoid import SIGMOID
from qref.ops.onnx.softmax import SOFTMAX
from qref.ops.onnx.sub import SUB
from qref.ops.onnx.tanh import TANH
from qref.ops.operator import Attribute, Operator
from qref.ops.qref import OPERATORS as QREF_OPERATORS
from qref.ops.requantization import Requantization
from qref.ops.request import Request

OPERATORS: dict[tuple[str, str], Operator] = {
    (operator.domain, operator.name): operator
    for operator in (
        QUANTIZE_LINEAR,
        DEQUANTIZE_LINEAR,
        DYNAMIC_QUANTIZE_LINEAR,
        CONV_INTEGER,
        Q_LINEAR_CONV,
        MAT_MUL_INTEGER,
        Q_LINEAR_MAT_MUL,
        CONV,
        CONV_TRANSPOSE,
        MAT_MUL,
        GEMM,
        AVERAGE_POOL,
        GLOBAL_AVERAGE_POOL,
        MAX_POOL,
        BATCH_NORMALIZATION,
        ADD,
        SUB,
        MUL,
        DIV,
        RELU,
        LEAKY_RELU,
        P_RELU,
        CLIP,
        HARD_SIGMOID,
        HARD_SWISH,
        SIGMOID,
        TANH,
        SOFTMAX,
        RESIZE,
        PAD,
        CONCAT,
        FLATTEN,
        RESHAPE,
        *QREF_OPERATORS,
    )
}


def run(request: Request) -> list[Tensor]:
    """The golden outputs of a request, as many as it asks for; by its profile's rule where the operator requantizes.

    Raises:
        InvalidInput: the operator's text rejects the request.
        Unsupported: no such operator, opset or profile here.
        NotFixed: no text fixes the answer for these numbers.
    """
    operator = find(request)
    arguments = keywords(request, operator)
    if operator.requantization is not None:
        arguments["rule"] = rule(request)
    answer = operator.function(*request.inputs, **arguments)
    outputs = [answer] if isinstance(answer, Tensor) else list(answer)
    return outputs[: request.outputs]


def requantization(request: Request) -> Requantization | None:
    """The accumulator and scales of a request, or None where its operator does not requantize. Raises as `run` does."""
    operator = find(request)
    if operator.requantization is None:
        return None
    return operator.requantization(*request.inputs, **keywords(request, operator))


def alternatives(request: Request) -> list[tuple[str, tuple[Tensor, ...]]]:
    """What the operator's text leaves open beside the golden outputs: reasons and outputs, duplicates included."""
    operator = find(request)
    if operator.requantization is not None:
        found = operator.requantization(*request.inputs, **keywords(request, operator))
        return [(reason, (output,)) for reason, output in open_answers(found)]
    if operator.alternatives is None:
        return []
    ways = operator.alternatives(*request.inputs, **keywords(request, operator))
    return [(reason, outputs[: request.outputs]) for reason, outputs in ways]


def bounds(request: Request) -> list[Bound] | None:
    """How far from each golden output every order of evaluation may lie; None where the request has no bound."""
    operator = find(request)
    if operator.bound is None:
        return None
    found = operator.bound(*request.inputs, **keywords(request, operator))
    return None if found is None else found[: request.outputs]


def margin(request: Request) -> float | None:
    """How far the nearest decision of an iterative or thresholding operator lies from its boundary, relative to it.

    None for operators without such decisions.
    """
    operator = find(request)
    if operator.margin is None:
        return None
    return operator.margin(*request.inputs, **keywords(request, operator))


def find(request: Request) -> Operator:
    """The operator of a request. Raises Unsupported for an operator or opset that is not here."""
    operator = OPERATORS.get((request.domain, request.op))
    if operator is None:
        known = ", ".join(name for _, name in OPERATORS)
        raise Unsupported(
            f"operator {request.domain + ':' if request.domain else ''}{request.op} is not one of {known}"
        )
    if request.opset not in operator.opsets:
        raise Unsupported(f"{request.op}-{request.opset}: opsets here are {', '.join(map(str, operator.opsets))}")
    return operator


def rule(request: Request) -> Profile:
    """The requantization rule that a request asks for. Raises Unsupported for a name that is not here."""
    if request.profile is None:
        return ONNX
    if request.profile not in PROFILES:
        raise Unsupported(f"profile {request.profile!r} is not one of {', '.join(PROFILES)}")
    return PROFILES[request.profile]


def keywords(request: Request, operator: Operator) -> dict[str, Any]:
    """The attributes of a request, checked against the operator's table, and its opset."""
    low, high = operator.inputs
    absent = [i for i, x in enumerate(request.inputs[:low]) if x is None]
    if not low <= len(request.inputs) <= high or absent:
        raise InvalidInput(f"{request.op} takes {low} to {high} inputs, none of the first {low} absent")
    for name, value in request.attributes.items():
        known = operator.attributes.get(name)
        if known is None or not known.exists_at(request.opset):
            raise InvalidInput(f"{request.op}-{request.opset} has no attribute {name!r}")
        if not known.takes(value):
            raise InvalidInput(f"attribute {name} is {value!r}: give {known.kind}")
    read = {name: operator.attributes[name].read(value) for name, value in request.attributes.items()}
    return {**read, "opset": request.opset}


__all__ = [
    "OPERATORS",
    "Attribute",
    "Bound",
    "Operator",
    "Requantization",
    "alternatives",
    "bounds",
    "find",
    "margin",
    "requantization",
    "run",
]
