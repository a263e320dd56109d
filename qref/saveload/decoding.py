"""What a model is given to decode weights: nodes, tensors and calls of functions, under names that were free."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

DOMAIN = "qref"
OLDEST = 11  # opset of BitShift and GatherElements
SINCE = {8: 13, 4: 21, 2: 25}
"""The opset from which on DequantizeLinear takes integers of so many bits, one scale a channel."""
BLOCKED_SINCE = 21
IR_VERSIONS = {11: 8, 21: 10, 25: 13}
"""The version of the file format that an opset's types, and functions, ask for at least."""


@dataclass
class Decoding:
    """Nodes in order, the tensors they read, the functions they call, and the value that holds the weights.

    huffman: streams of codes are stored by Huffman's code.
    """

    prefix: str
    opset: int
    nodes: list[Any] = field(default_factory=list)
    tensors: list[Any] = field(default_factory=list)
    functions: set[str] = field(default_factory=set)
    huffman: bool = False

    def part(self, name: str) -> "Decoding":
        """The same nodes and tensors, under longer names."""
        return replace(self, prefix=f"{self.prefix}.{name}")

    def tensor(self, suffix: str, array: Any) -> Any:
        """A new initializer; array: a NumPy array or an onnx_ir tensor."""
        import onnx_ir as ir

        constant = ir.Tensor(array) if isinstance(array, np.ndarray) else array
        constant.name = f"{self.prefix}.{suffix}"
        value = ir.Value(name=constant.name, const_value=constant)
        self.tensors.append(value)
        return value

    def ints(self, suffix: str, *numbers: int) -> Any:
        """A new initializer of int64 numbers in a row."""
        return self.tensor(suffix, np.array(numbers, np.int64))

    def node(self, suffix: str, op: str, inputs: Sequence[Any], domain: str = "", **attributes: Any) -> Any:
        """The output of a new node."""
        import onnx_ir as ir

        named = "" if domain == DOMAIN else f"{self.prefix}.{suffix}"  # a call is known by its output
        node = ir.node(op, inputs, attributes, domain=domain, name=named)
        node.outputs[0].name = f"{self.prefix}.{suffix}"
        self.nodes.append(node)
        if domain == DOMAIN:
            self.functions.add(op)
        return node.outputs[0]


def names(model: Any) -> set[str]:
    """Every name of a value or a node, and the beginnings of names up to a dot."""
    found: set[str] = set()
    for graph in model.graphs():
        values = [*graph.inputs, *graph.initializers.values(), *(value for node in graph for value in node.outputs)]
        found.update(str(one.name) for one in (*values, *graph) if one.name)
    return found | {name[:i] + "." for name in found for i, letter in enumerate(name) if letter == "."}


def fresh(name: str, taken: set[str]) -> str:
    """A prefix for new names, the weight's own if it can be; it is taken from now on."""
    prefix = name
    while f"{prefix}." in taken or (prefix in taken and prefix != name):
        prefix += "_"
    taken.add(prefix)
    return prefix
