"""The operators, each by its file."""

from collections.abc import Callable
from typing import Any

from independent.add import add
from independent.answers import Answer
from independent.average_pool import average_pool
from independent.batch_normalization import batch_normalization
from independent.clip import clip
from independent.concat import concat
from independent.conv import conv
from independent.conv_integer import conv_integer
from independent.conv_transpose import conv_transpose
from independent.div import div
from independent.flatten import flatten
from independent.gemm import gemm
from independent.global_average_pool import global_average_pool
from independent.hard_sigmoid import hard_sigmoid
from independent.hard_swish import hard_swish
from independent.leaky_relu import leaky_relu
from independent.mat_mul import mat_mul
from independent.max_pool import max_pool
from independent.mul import mul
from independent.p_relu import p_relu
from independent.pad import pad
from independent.relu import relu
from independent.reshape import reshape
from independent.resize import resize
from independent.sigmoid import sigmoid
from independent.softmax import softmax
from independent.sub import sub
from independent.tanh import tanh
from independent.tensors import Tensor
from independent.texts import checked

Operator = Callable[[int, dict[str, Any], list[Tensor | None], int], Answer]
OPERATORS: dict[str, Operator] = {
    "Conv": conv,
    "ConvInteger": conv_integer,
    "ConvTranspose": conv_transpose,
    "Gemm": gemm,
    "MatMul": mat_mul,
    "AveragePool": average_pool,
    "GlobalAveragePool": global_average_pool,
    "MaxPool": max_pool,
    "BatchNormalization": batch_normalization,
    "Add": add,
    "Sub": sub,
    "Mul": mul,
    "Div": div,
    "Relu": relu,
    "LeakyRelu": leaky_relu,
    "PRelu": p_relu,
    "Clip": clip,
    "HardSigmoid": hard_sigmoid,
    "HardSwish": hard_swish,
    "Sigmoid": sigmoid,
    "Tanh": tanh,
    "Softmax": softmax,
    "Resize": resize,
    "Pad": pad,
    "Concat": concat,
    "Flatten": flatten,
    "Reshape": reshape,
}


def answer(op: str, opset: int, attributes: dict[str, Any], inputs: list[Tensor | None], outputs: int = 1) -> Answer:
    """The operator's answer, or Refused, or Undecided."""
    typed_attributes, given = checked(op, opset, attributes, inputs)
    return OPERATORS[op](opset, typed_attributes, given, outputs)
