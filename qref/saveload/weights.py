"""The weights of a model: constant float32 matrices and kernels of convolutions and products, output channels first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

OPERATORS = ("Conv", "ConvTranspose", "Gemm", "MatMul")


@dataclass(frozen=True, eq=False)
class Weight:
    """A weight tensor of a model.

    value: onnx_ir's value. node: the first node that it feeds. axis: of the output channels, in the tensor as the model
    has it. group: of a ConvTranspose, whose tensor [C, M/G, k1, …] has those of each group side by side.
    """

    value: Any
    node: Any
    axis: int
    group: int = 1

    @property
    def name(self) -> str:
        return str(self.value.name)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the tensor as the model has it."""
        return tuple(self.value.const_value.shape)

    @property
    def count(self) -> int:
        return prod(self.shape)

    @property
    def by_group(self) -> tuple[int, ...]:
        """The shape with the groups of the first axis apart: [G, C/G, …]."""
        return (self.group, self.shape[0] // self.group, *self.shape[1:])

    @property
    def order(self) -> list[int]:
        """The axes of `by_group` in the order of the tensor with output channels first: groups, channels, the rest."""
        rest = [i for i in range(1, len(self.shape) + 1) if i != self.axis + 1]
        return [0, self.axis + 1, *rest]

    def channels_first(self) -> NDArray[np.float32]:
        """The weights with the axis of output channels in front, group after group."""
        W = self.value.const_value.numpy().reshape(self.by_group).transpose(self.order)
        return np.ascontiguousarray(W).reshape(W.shape[0] * W.shape[1], *W.shape[2:])

    def remove(self) -> None:
        """Takes the tensor out of its graph, from among the inputs too, where it stood as a default."""
        graph, is_input = self.value.graph, self.value.is_graph_input()
        graph.initializers.pop(self.name)
        if is_input:
            graph.inputs.remove(self.value)

    def as_in_the_model(self, W: NDArray[Any]) -> NDArray[Any]:
        """The way back from channels first."""
        apart = W.reshape([self.by_group[i] for i in self.order])
        return np.ascontiguousarray(apart.transpose(np.argsort(self.order))).reshape(self.shape)


def weights(model: Any) -> list[Weight]:
    """Every float32 weight tensor of the model's graph and of the branches and loops in it, each once, node by node."""
    import onnx_ir as ir

    return [weight for weight in _constants(model) if weight.value.const_value.dtype == ir.DataType.FLOAT]


def others(model: Any) -> list[Weight]:
    """The weight tensors of other types, which stay as they are."""
    import onnx_ir as ir

    return [weight for weight in _constants(model) if weight.value.const_value.dtype != ir.DataType.FLOAT]


def _constants(model: Any) -> Iterable[Weight]:
    found: dict[Any, Weight] = {}  # by value: two branches may have the same name for theirs
    for node in model.graph.all_nodes():
        for weight in _of(node):
            found.setdefault(weight.value, weight)
    return found.values()


def _of(node: Any) -> Iterator[Weight]:
    if node.domain or node.op_type not in OPERATORS or len(node.inputs) < 2 or node.inputs[1] is None:
        return
    value = _source(node.inputs[1])
    constant = value.const_value
    if constant is None or len(constant.shape) < 2 or not constant.size:
        return
    group = node.attributes.get_int("group", 1) if node.op_type == "ConvTranspose" else 1
    yield Weight(value, node, _axis(node, len(constant.shape)), group)


def _source(value: Any) -> Any:
    """What an Identity passes on, else the value."""
    producer = value.producer()
    while producer is not None and producer.op_type == "Identity" and not producer.domain:
        value = producer.inputs[0]
        producer = value.producer()
    return value


def _axis(node: Any, rank: int) -> int:
    if node.op_type == "Conv":
        return 0
    if node.op_type == "ConvTranspose":
        return 1
    if node.op_type == "Gemm":
        return 0 if node.attributes.get_int("transB", 0) else 1
    return rank - 1
