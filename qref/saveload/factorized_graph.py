"""One layer of an ONNX graph rewritten as three, by its ternary factors.

Wang, Cheng, "Fixed-point Factorized Networks", CVPR 2017, figure 1: the layer with Yᵀ as its k filters, a scaling by D,
and a 1×1 layer with X. [seed: figure 1, "New layers used in our FFN architecture to replace the original convolutional
layers"]
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import Unsupported
from qref.quantizers.encoded import Scaled
from qref.quantizers.factorized import Factorized
from qref.quantizers.granularity import TENSOR, matrix
from qref.saveload.decode_nodes import scaled
from qref.saveload.decoding import OLDEST, Decoding
from qref.saveload.weights import Weight


def rewrite(weight: Weight, layer: Factorized, new: Decoding) -> None:
    """Puts three nodes in the place of the one that `weight` feeds; the output keeps its name.

    Factors stand in the file with two bits a code, as `decode_nodes` has them.

    Args:
        layer: the factors of `weight.channels_first()`. new: takes the nodes, and the functions that they call.

    Raises:
        Unsupported: a layer other than a Conv of one group, a Gemm or a MatMul by a matrix, or an opset before 11.
    """
    import onnx_ir as ir

    node, graph = weight.node, weight.node.graph
    made = {"Conv": _conv, "Gemm": _gemm, "MatMul": _mat_mul}.get(node.op_type)
    if new.opset < OLDEST:
        raise Unsupported(f"the model has opset {new.opset}: a Gemm without C needs {OLDEST}, convert it first")
    if made is None:
        raise Unsupported(f"{weight.name}: a {node.op_type} is not rewritten by its factors")
    last = made(new, weight, layer)
    for value in new.tensors:
        graph.register_initializer(value)
    last.shape, last.type = node.outputs[0].shape, node.outputs[0].type
    ir.convenience.replace_nodes_and_values(graph, node, [node], new.nodes, node.outputs, [last])
    if not weight.value.uses():
        weight.remove()


def applies(weight: Weight) -> bool:
    """Whether `rewrite` takes it: a Conv of one group, a Gemm or a MatMul by a matrix, with weights all its own."""
    node = weight.node
    one_group = node.op_type == "Conv" and node.attributes.get_int("group", 1) == 1
    product = node.op_type == "Gemm" or (node.op_type == "MatMul" and len(weight.shape) == 2)
    own = len(weight.value.uses()) == 1 and weight.value is node.inputs[1] and weight.value.graph is node.graph
    return (one_group or product) and own and not weight.value.is_graph_output()


def _conv(new: Decoding, weight: Weight, layer: Factorized) -> Any:
    node = weight.node
    group = node.attributes.get_int("group", 1)
    if group != 1:
        raise Unsupported(f"{weight.name}: a Conv of {group} groups is not rewritten by its factors")
    point = (1,) * (len(weight.shape) - 2)
    x, bias = node.inputs[0], node.inputs[2:]
    kept = {name: attribute.value for name, attribute in node.attributes.items()}
    filters = new.node("filtered", "Conv", [x, _ternary(new, "Y", layer.Y)], **kept)
    scaled = new.node("scaled", "Mul", [filters, new.tensor("D", layer.D.reshape(1, -1, *point))])
    X = _ternary(new, "X", layer.X.reshape(*layer.X.shape, *point))
    return new.node("mixed", "Conv", [scaled, X, *bias], kernel_shape=list(point))


def _gemm(new: Decoding, weight: Weight, layer: Factorized) -> Any:
    node = weight.node
    kept = {name: node.attributes[name].value for name in ("alpha", "beta") if name in node.attributes}
    across = node.attributes.get_int("transA", 0)
    filtered = new.node("filtered", "Gemm", [node.inputs[0], _rows(new, layer)], transA=across, transB=1)
    scaled = new.node("scaled", "Mul", [filtered, new.tensor("D", layer.D)])
    return new.node("mixed", "Gemm", [scaled, _ternary(new, "X", layer.X), *node.inputs[2:]], transB=1, **kept)


def _mat_mul(new: Decoding, weight: Weight, layer: Factorized) -> Any:
    if len(weight.shape) != 2:
        raise Unsupported(f"{weight.name}: a MatMul by a stack of matrices is not rewritten by its factors")
    K = matrix(layer.shape)[1]
    columns = _ternary(new, "Y", np.ascontiguousarray(layer.Y.reshape(layer.D.size, K).T))
    filtered = new.node("filtered", "MatMul", [weight.node.inputs[0], columns])
    scaled = new.node("scaled", "Mul", [filtered, new.tensor("D", layer.D)])
    return new.node("mixed", "MatMul", [scaled, _ternary(new, "X", np.ascontiguousarray(layer.X.T))])


def _rows(new: Decoding, layer: Factorized) -> Any:
    return _ternary(new, "Y", layer.Y.reshape(layer.D.size, matrix(layer.shape)[1]))


def _ternary(new: Decoding, name: str, factor: NDArray[np.int8]) -> Any:
    return scaled(Scaled(factor, np.ones(1, np.float32), TENSOR, width=2), new.part(name), whole=True)
