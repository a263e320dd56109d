"""One layer of an ONNX graph as several of lower rank. [seed: Low-Rank, single conv./fc. layer → multiple layers]

`low_rank` finds the factors of a weight, or says that none would save work; `rewrite` puts the layers into the graph.
Their weights are float32 initializers, so that what comes after (pruning, quantization) takes them as any others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from qref.compression.low_rank import DECOMPOSE, rank
from qref.compression.low_rank.arithmetic import Arithmetic
from qref.compression.low_rank.factors import Factors
from qref.compression.low_rank.spatial import matricized
from qref.compression.low_rank.tucker2 import unfolded_in, unfolded_out
from qref.errors import Unsupported
from qref.numba_cache import import_kernels
from qref.quantizers.weights import finite
from qref.saveload.decoding import OLDEST, Decoding
from qref.saveload.factorized_graph import applies
from qref.saveload.weights import Weight

NAMES = {
    "svd": ("B", "A"),
    "channel": ("filters", "P"),
    "spatial": ("vertical", "horizontal"),
    "tucker2": ("U_in", "core", "U_out"),
    "cp": ("I", "Y", "X", "O"),
}
"""What the weights of the new layers are called, in their order."""


@dataclass(frozen=True)
class Energy:
    """The smallest rank that keeps this share of Σ σ²."""

    share: float


@dataclass(frozen=True)
class Speed:
    """The largest rank with at most 1/factor of the multiplications."""

    factor: float


@dataclass(frozen=True)
class Rank:
    """The ranks themselves: one, for Tucker-2 two, of the input and of the output channels."""

    ranks: tuple[int, ...]


Target = Energy | Speed | Rank


def takes(weight: Weight, method: str) -> bool:
    """Whether a method applies: svd to a Gemm or MatMul, the others to a Conv of one group whose kernel has the axes.

    Tucker-2 and CP want more than one tap, spatial along both axes. None takes a weight that another node reads, or one
    that is an output.
    """
    if not applies(weight):
        return False
    kernel = weight.shape[2:] if weight.node.op_type == "Conv" else ()
    if weight.node.op_type != "Conv":
        return method == "svd"
    if method == "spatial":
        return len(kernel) == 2 and min(kernel) > 1
    if method in ("tucker2", "cp"):
        return 1 <= len(kernel) <= (3 if method == "tucker2" else 2) and max(kernel) > 1
    return method == "channel" and 1 <= len(kernel) <= 3


def low_rank(weight: Weight, method: str, target: Target) -> Factors | None:
    """The factors of a weight in float64; None where the method does not apply, or its layers would not save work.

    Layers of a rank above the matrix's save none.

    Raises:
        InvalidInput: a share or factor that there is not, or weights that are not finite.
        Unsupported: CP with a share of energy, or factors that leave float32's range.
    """
    if not takes(weight, method):
        return None
    import_kernels()
    from qref.kernels.compression.low_rank import FLOAT64

    W = finite(weight.name, weight.channels_first())
    ranks = ranks_of(W, method, target, strides(weight), FLOAT64)
    if not all(ranks) or rank.macs(method, W.shape, ranks, strides(weight)) >= W.size:
        return None
    if method == "tucker2" and ranks != rank.fitting(W.shape, *ranks):
        return None
    factors = DECOMPOSE[method](W, *ranks, arithmetic=FLOAT64)
    if not all(np.isfinite(factor).all() for factor in factors.tensors):
        raise Unsupported(f"{weight.name}: factors by {method} leave float32's range: give another method or rank")
    return factors


def work(weight: Weight, factors: Factors | None) -> tuple[int, int]:
    """Multiplications and additions for one position of the output: of the layer, and of those in its place."""
    whole = int(np.prod(factors.shape if factors is not None else weight.channels_first().shape))
    if factors is None:
        return whole, whole
    return whole, rank.macs(factors.method, factors.shape, factors.ranks, strides(weight))


def ranks_of(W: Any, method: str, target: Target, strides: Sequence[int], arithmetic: Arithmetic) -> tuple[int, ...]:
    """The ranks that a target asks for."""
    if isinstance(target, Rank):
        return target.ranks
    if isinstance(target, Speed):
        return rank.of_speed(method, W.shape, Fraction(target.factor), strides)
    if method == "cp":
        raise Unsupported("CP has no singular values: give it a rank or a speed, not a share of energy")
    if method == "tucker2":
        kernel = W.reshape(*W.shape[:2], -1)
        matrices = [unfolded_in(kernel), unfolded_out(kernel)]
    else:
        matrices = [matricized(W) if method == "spatial" else W.reshape(len(W), -1)]
    share = Fraction(target.share)
    found = [rank.of_energy(rank.singular_values(A, arithmetic), share, arithmetic) for A in matrices]
    return rank.fitting(W.shape, *found) if method == "tucker2" else tuple(found)


def strides(weight: Weight) -> tuple[int, ...]:
    """Of a Conv, 1 along each axis unless it has others; none of a product."""
    if weight.node.op_type != "Conv":
        return ()
    axes = len(weight.shape) - 2
    return tuple(weight.node.attributes.get_ints("strides", [1] * axes))


def rewrite(weight: Weight, factors: Factors, new: Decoding) -> None:
    """Puts the layers in the place of the node that `weight` feeds; the output keeps its name, the last has the bias.

    Args:
        factors: of `weight.channels_first()`. new: takes the nodes.

    Raises:
        Unsupported: a layer that the factors are not of, or a Gemm in a model of an opset before 11.
    """
    import onnx_ir as ir

    node, graph = weight.node, weight.node.graph
    if not takes(weight, factors.method):
        raise Unsupported(f"{weight.name}: a {node.op_type} of this kind does not become layers by {factors.method}")
    made = {"Conv": _convs, "Gemm": _gemms, "MatMul": _mat_muls}[node.op_type]
    last = made(new, weight, factors)
    for value in new.tensors:
        graph.register_initializer(value)
    last.shape, last.type = node.outputs[0].shape, node.outputs[0].type
    ir.convenience.replace_nodes_and_values(graph, node, [node], new.nodes, node.outputs, [last])
    if not weight.value.uses():
        weight.remove()


def _names(factors: Factors) -> tuple[str, ...]:
    """As many as there are layers: CP of one spatial axis has one less."""
    names = NAMES[factors.method]
    return names if len(names) == len(factors.tensors) else (names[0], names[1], names[-1])


def _convs(new: Decoding, weight: Weight, factors: Factors) -> Any:
    x, *bias = weight.node.inputs[:1] + weight.node.inputs[2:]
    names = _names(factors)
    for i, (name, W) in enumerate(zip(names, factors.tensors, strict=True)):
        inputs = [x, new.tensor(name, W), *(bias if i == len(names) - 1 else ())]
        x = new.node(f"{name}.conv", "Conv", inputs, **_attributes(weight, factors, i))
    return x


def _attributes(weight: Weight, factors: Factors, layer: int) -> dict[str, Any]:
    """A layer's share of the Conv's attributes: those of the spatial axes that it runs along."""
    kernel = factors.tensors[layer].shape[2:]
    node, axes = weight.node, range(len(kernel))
    along = _axes(factors, layer)
    found: dict[str, Any] = {"kernel_shape": list(kernel)}
    if factors.method == "cp" and along:
        found["group"] = len(factors.tensors[layer])
    given = node.attributes.get_string("auto_pad", "NOTSET")
    if along and given != "NOTSET":
        found["auto_pad"] = given
    for name in ("strides", "dilations") if along else ():
        if name in node.attributes:
            values = node.attributes.get_ints(name)
            found[name] = [values[k] if k in along else 1 for k in axes]
    if along and given == "NOTSET" and "pads" in node.attributes:
        pads = node.attributes.get_ints("pads")
        found["pads"] = [pad if k % len(kernel) in along else 0 for k, pad in enumerate(pads)]
    return found


def _axes(factors: Factors, layer: int) -> set[int]:
    """The spatial axes that a layer runs along, with their strides, pads and dilations."""
    every = set(range(len(factors.shape) - 2))
    by_layer = {
        "channel": [every, set()],
        "spatial": [{0}, {1}],
        "tucker2": [set(), every, set()],
        "cp": [set(), *({k} for k in sorted(every)), set()],
    }
    return by_layer[factors.method][layer]


def _gemms(new: Decoding, weight: Weight, factors: Factors) -> Any:
    if new.opset < OLDEST:
        raise Unsupported(f"the model has opset {new.opset}: a Gemm without C needs {OLDEST}, convert it first")
    node, (B, A) = weight.node, factors.tensors
    kept = {name: node.attributes[name].value for name in ("alpha", "beta") if name in node.attributes}
    across = node.attributes.get_int("transA", 0)
    reduced = new.node("B.gemm", "Gemm", [node.inputs[0], new.tensor("B", B)], transA=across, transB=1)
    return new.node("A.gemm", "Gemm", [reduced, new.tensor("A", A), *node.inputs[2:]], transB=1, **kept)


def _mat_muls(new: Decoding, weight: Weight, factors: Factors) -> Any:
    B, A = (np.ascontiguousarray(factor.T) for factor in factors.tensors)
    reduced = new.node("B.product", "MatMul", [weight.node.inputs[0], new.tensor("B", B)])
    return new.node("A.product", "MatMul", [reduced, new.tensor("A", A)])
