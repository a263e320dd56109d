"""A model with its weights quantized: each weight tensor encoded by a scheme, and decoded inside the model again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import BadModel, QrefError
from qref.quantizers.encoded import Encoded, squared_error
from qref.quantizers.factorized import Factorized
from qref.saveload.decode_nodes import decode_nodes
from qref.saveload.decoding import Decoding, fresh, names
from qref.saveload.factorized_graph import applies, rewrite
from qref.saveload.functions import add_functions
from qref.saveload.onnx_file import opset
from qref.saveload.weights import Weight, weights

Encode = Callable[[Weight, NDArray[np.float32], int], Encoded]
"""A weight, its tensor with output channels first, its number → the encoded tensor."""


@dataclass(frozen=True)
class Row:
    """What quantization did to one weight tensor.

    weights: their number. bits: of the encoded tensor. error: ‖W − W'‖². energy: ‖W‖². left: weights that are not 0.
    """

    name: str
    op: str
    shape: tuple[int, ...]
    weights: int
    bits: int
    error: float
    energy: float
    left: int


def quantize(model: Any, encode: Encode) -> Iterator[Row]:
    """Replaces the weights of a model, one tensor after the other; complete when the last row was taken.

    Raises:
        BadModel: the model has no weights to quantize.
        InvalidInput, Unsupported: the scheme refuses a tensor, whose name the message begins with.
    """
    found = weights(model)
    if not found:
        raise BadModel("no constant float32 weights of Conv, ConvTranspose, Gemm or MatMul")
    functions: set[str] = set()
    version, taken = opset(model), names(model)
    for number, weight in enumerate(found):
        W = weight.channels_first()
        try:
            encoded = encode(weight, W, number)
            functions |= _replace(weight, encoded, Decoding(fresh(weight.name, taken), version))
        except QrefError as error:
            error.args = (f"{weight.name}: {error}",)
            raise
        decoded = encoded.decode()
        error2, energy = squared_error(W, decoded)
        left = int(np.count_nonzero(decoded))
        yield Row(weight.name, weight.node.op_type, weight.shape, weight.count, encoded.bits, error2, energy, left)
    add_functions(model, functions, version)


def _replace(weight: Weight, encoded: Encoded, decoding: Decoding) -> set[str]:
    """Puts the nodes that decode in the place of the weight's initializer; gives the functions they call.

    A layer of factorized weights becomes three layers, where it can.
    """
    if isinstance(encoded, Factorized) and applies(weight):
        rewrite(weight, encoded, decoding)
        return decoding.functions
    graph, decoded = weight.value.graph, decode_nodes(encoded, decoding, weight)
    for value in decoding.tensors:
        graph.register_initializer(value)
    graph.insert_before(graph[0], decoding.nodes)
    shown = weight.value.is_graph_output()
    weight.value.replace_all_uses_with(decoded, replace_graph_outputs=True)
    weight.remove()
    if shown:  # an output keeps its name
        decoded.name, decoded.shape, decoded.type = weight.name, weight.value.shape, weight.value.type
    return decoding.functions
