"""Encoded weights inside an ONNX model: the nodes that make float32 weights of them when the model is loaded.

Where ONNX has a type of just the width (int8, int4, int2) the codes stand in it, behind DequantizeLinear. All other
codes are packed without gaps, as `Encoded.packed` has them, and model-local functions of the domain "qref" take them
out again; their bodies use operators that opset 11 has. Either way a weight is the product of code and scale, rounded
once, or an element of a codebook: bit for bit what `decode` gives.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import Unsupported
from qref.quantizers.encoded import Coded, Encoded, Scaled
from qref.quantizers.factorized import Factorized
from qref.quantizers.granularity import CHANNEL, TENSOR, matrix
from qref.quantizers.lloyd_max_weights import levels
from qref.quantizers.logarithmic_weights import codebook, places
from qref.quantizers.packed_codes import pack
from qref.quantizers.scaled_codebook import ScaledCodebook
from qref.quantizers.sq_bwn import Hybrid
from qref.saveload.weights import Weight

DOMAIN = "qref"
OLDEST = 11  # opset of BitShift and GatherElements
SINCE = {8: 13, 4: 21, 2: 25}
"""The opset from which on DequantizeLinear takes integers of so many bits, one scale a channel."""
BLOCKED_SINCE = 21
IR_VERSIONS = {11: 8, 21: 10, 25: 13}
"""The version of the file format that an opset's types, and functions, ask for at least."""

FUNCTIONS = {
    "UnpackCodes": """
UnpackCodes (packed, count, codes_by_bits, values) => (codes)
{
  column = Constant <value = int64[2] {-1, 1}> ()
  shifts = Constant <value = uint8[8] {0, 1, 2, 3, 4, 5, 6, 7}> ()
  two = Constant <value = uint8[1] {2}> ()
  row = Constant <value = int64[1] {-1}> ()
  zero = Constant <value = int64[1] {0}> ()
  bytes = Reshape (packed, column)
  shifted = BitShift <direction = "RIGHT"> (bytes, shifts)
  bits = Mod (shifted, two)
  numbers = Cast <to = 1> (bits)
  line = Reshape (numbers, row)
  used = Slice (line, zero, count)
  table = Reshape (used, codes_by_bits)
  codes = MatMul (table, values)
}""",
    "UnpackSigns": """
UnpackSigns (packed, count, codes_by_bits, values) => (signs)
{
  one = Constant <value = float[1] {1.0}> ()
  doubled = qref.UnpackCodes (packed, count, codes_by_bits, values)
  signs = Sub (doubled, one)
}""",
    "SpreadParts": """
SpreadParts (x, by_part, rows, length) => (spread)
{
  zero = Constant <value = int64[1] {0}> ()
  last = Constant <value = int64[1] {1}> ()
  repeated = Expand (x, by_part)
  whole = Reshape (repeated, rows)
  spread = Slice (whole, zero, length, last)
}""",
    "ScaledDecode": """
ScaledDecode (codes, by_channel, scales, shape) => (W)
{
  matrix = Reshape (codes, by_channel)
  product = Mul (matrix, scales)
  W = Reshape (product, shape)
}""",
    "CodebookDecode": """
CodebookDecode (codes, by_channel, codebooks, first, shape) => (W)
{
  matrix = Reshape (codes, by_channel)
  numbers = Cast <to = 7> (matrix)
  places = Add (numbers, first)
  values = GatherElements <axis = 1> (codebooks, places)
  W = Reshape (values, shape)
}""",
    "StretchCodebook": """
StretchCodebook (unit, scales, by_row) => (codebooks)
{
  wide = Cast <to = 11> (scales)
  products = Mul (wide, unit)
  narrow = Cast <to = 1> (products)
  codebooks = Reshape (narrow, by_row)
}""",
    "FactorizedDecode": """
FactorizedDecode (X, DYt, shape) => (W)
{
  product = MatMul (X, DYt)
  W = Reshape (product, shape)
}""",
}
"""The bodies of the model-local functions.

UnpackCodes: bytes → bits, the first `count` of them as a matrix of a code a row → codes, by the value of each bit.
SpreadParts: one value a part [M or 1, parts of a channel, 1] → one a weight [M or 1, K], the last part cut short.
ScaledDecode: scales [M or 1, K or 1].
StretchCodebook: unit [values] in float64, scales [parts, 1] → one codebook a part, a product in float64 rounded.
CodebookDecode: codebooks [M or 1, parts of a channel · values], `first` [1, K or 1] where each weight's begins.
"""


@dataclass
class Decoding:
    """Nodes in order, the tensors they read, the functions they call, and the value that holds the weights."""

    prefix: str
    opset: int
    nodes: list[Any] = field(default_factory=list)
    tensors: list[Any] = field(default_factory=list)
    functions: set[str] = field(default_factory=set)

    def part(self, name: str) -> "Decoding":
        """The same nodes and tensors, under longer names."""
        return replace(self, prefix=f"{self.prefix}.{name}")

    def tensor(self, suffix: str, array: Any) -> Any:
        """A new initializer; array: a NumPy array or an onnx_ir tensor."""
        import onnx_ir as ir

        constant = ir.Tensor(array) if isinstance(array, np.ndarray) else array
        constant.name = f"{self.prefix}.{suffix}"
        value = ir.Value(name=constant.name, const_value=constant, type=ir.TensorType(constant.dtype))
        value.shape = constant.shape
        self.tensors.append(value)
        return value

    def node(self, suffix: str, op: str, inputs: Sequence[Any], domain: str = "", **attributes: Any) -> Any:
        """The output of a new node."""
        import onnx_ir as ir

        node = ir.node(op, inputs, attributes, domain=domain, name=f"{self.prefix}.{suffix}")
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


def decode_nodes(encoded: Encoded, decoding: Decoding, weight: Weight) -> Any:
    """The value of the decoded weights as the model has them; the nodes that make it are added to `decoding`.

    Raises:
        Unsupported: the model's opset is older than 11, or no way is known to write what the scheme gives.
    """
    if decoding.opset < OLDEST:
        raise Unsupported(f"the model has opset {decoding.opset}: functions need {OLDEST}, convert it first")
    if isinstance(encoded, Scaled):
        first = scaled(encoded, decoding, whole=weight.axis != 0)
    elif isinstance(encoded, Coded):
        first = _coded(encoded, decoding)
    elif isinstance(encoded, Hybrid):
        first = _hybrid(encoded, decoding)
    elif isinstance(encoded, Factorized):
        first = _factorized(encoded, decoding)
    else:
        raise Unsupported(f"no ONNX form of {type(encoded).__name__}")
    return first if weight.axis == 0 else _as_in_the_model(first, decoding, weight)


def _as_in_the_model(first: Any, decoding: Decoding, weight: Weight) -> Any:
    """From output channels first to the model's own order of axes."""
    apart, order = [weight.by_group[i] for i in weight.order], [int(i) for i in np.argsort(weight.order)]
    if weight.group == 1:
        return decoding.node("weights", "Transpose", [first], perm=[i - 1 for i in order[1:]])
    grouped = decoding.node("grouped", "Reshape", [first, _ints(decoding, "apart", *apart)])
    turned = decoding.node("turned", "Transpose", [grouped], perm=order)
    return decoding.node("weights", "Reshape", [turned, _ints(decoding, "joined", *weight.shape)])


def scaled(encoded: Scaled, decoding: Decoding, whole: bool = False) -> Any:
    """The value of α·B, output channels first. whole: a Reshape stands at the end in any case (`_dequantize`)."""
    M, K = matrix(encoded.shape)
    groups = encoded.scales.size // M if encoded.granularity.kind == "group" else 1
    since = max(SINCE.get(encoded.width, 99), BLOCKED_SINCE if groups > 1 else 0)
    if decoding.opset >= since:
        return _dequantize(encoded, decoding, groups, whole)
    packed = _packed(pack(encoded.codes > 0 if encoded.width == 1 else encoded.codes, encoded.width), decoding)
    values = 2.0 ** np.arange(encoded.width)
    values[-1] *= 2 if encoded.width == 1 else -1
    unpack = "UnpackSigns" if encoded.width == 1 else "UnpackCodes"
    codes = _unpacked(unpack, packed, encoded, values, decoding)
    scales = _spread("scales", encoded.scales.reshape(-1, groups, 1), encoded, decoding)
    inputs = [codes, _ints(decoding, "by_channel", M, K), scales, _shape(decoding, encoded)]
    return decoding.node("decoded", "ScaledDecode", inputs, DOMAIN)


def _spread(suffix: str, x: NDArray[Any], encoded: Scaled | Coded, decoding: Decoding) -> Any:
    """x [M or 1, parts of a channel, 1] as one value a weight, or a channel where a channel is one part."""
    rows, groups, _ = x.shape
    if groups == 1:
        return decoding.tensor(suffix, x.reshape(rows, 1))
    inputs = [
        decoding.tensor(suffix, x),
        _ints(decoding, f"{suffix}.by_part", rows, groups, encoded.granularity.size),
        _ints(decoding, f"{suffix}.rows", rows, groups * encoded.granularity.size),
        _ints(decoding, f"{suffix}.length", matrix(encoded.shape)[1]),
    ]
    return decoding.node(f"{suffix}.spread", "SpreadParts", inputs, DOMAIN)


def _dequantize(encoded: Scaled, decoding: Decoding, groups: int, reshaped: bool) -> Any:
    """Behind DequantizeLinear; groups run along the channels of a matrix, which is reshaped to the kernel.

    reshaped: a Reshape is wanted, before a Transpose: ONNX Runtime makes DequantizeLinear, Transpose and MatMul into
    MatMulNBits, which rounds the activations to 8 bits.
    """
    import onnx_ir as ir

    M, K = matrix(encoded.shape)
    type = {8: ir.DataType.INT8, 4: ir.DataType.INT4, 2: ir.DataType.INT2}[encoded.width]
    shape = (M, K) if groups > 1 else encoded.shape
    bytes = np.frombuffer(pack(encoded.codes, encoded.width), np.uint8)
    if encoded.width == 8:
        codes = decoding.tensor("codes", ir.Tensor(bytes.view(np.int8).reshape(shape)))
    else:
        codes = decoding.tensor("codes", ir.PackedTensor(bytes, type, shape=shape))
    along: dict[str, Any] = {}
    if groups > 1:
        scales = decoding.tensor("scales", encoded.scales.reshape(M, groups))
        along = {"axis": 1, "block_size": encoded.granularity.size}
    elif encoded.granularity.kind == "tensor":
        scales = decoding.tensor("scales", encoded.scales.reshape(()))
    else:
        scales, along = decoding.tensor("scales", encoded.scales), {"axis": 0}
    found = decoding.node("decoded", "DequantizeLinear", [codes, scales], **along)
    if groups == 1 and not reshaped:
        return found
    return decoding.node("reshaped", "Reshape", [found, _shape(decoding, encoded)])


def _hybrid(encoded: Hybrid, decoding: Decoding) -> Any:
    """The rows of signs, then the others, and each taken to its place."""
    rows = []
    if encoded.scales.size:
        rows.append(scaled(Scaled(encoded.codes, encoded.scales, CHANNEL, width=1), decoding))
    if encoded.rest.size:
        rows.append(decoding.tensor("rest", encoded.rest))
    found = decoding.node("rows", "Concat", rows, axis=0)
    order = np.argsort(np.argsort(~encoded.chosen, kind="stable"))
    placed = decoding.node("placed", "Gather", [found, _ints(decoding, "places", *order)], axis=0)
    return decoding.node("reshaped", "Reshape", [placed, _ints(decoding, "whole", *encoded.shape)])


def _factorized(encoded: Factorized, decoding: Decoding) -> Any:
    """X·(D·Yᵀ), a product of matrices in float32."""
    _, K = matrix(encoded.shape)
    ones = np.ones(1, np.float32)
    left = scaled(Scaled(encoded.X, ones, TENSOR, width=2), decoding.part("X"), whole=True)
    rows = Scaled(encoded.Y.reshape(encoded.D.size, K), encoded.D, CHANNEL, width=2)
    right = scaled(rows, decoding.part("Y"), whole=True)
    return decoding.node("decoded", "FactorizedDecode", [left, right, _ints(decoding, "whole", *encoded.shape)], DOMAIN)


def _coded(encoded: Coded, decoding: Decoding) -> Any:
    M, K = matrix(encoded.shape)
    packed = _packed(pack(encoded.codes, encoded.width), decoding)
    codes = _unpacked("UnpackCodes", packed, encoded, 2.0 ** np.arange(encoded.width), decoding)
    parts, values = encoded.codebooks.shape
    by_channel = (1, M * K) if encoded.granularity.kind == "tensor" else (M, K)
    groups = parts // by_channel[0]
    first = _spread("first", (np.arange(groups) * values).reshape(1, groups, 1), encoded, decoding)
    books = _codebooks(encoded, (by_channel[0], groups * values), decoding)
    inputs = [codes, _ints(decoding, "by_channel", *by_channel), books, first, _shape(decoding, encoded)]
    return decoding.node("decoded", "CodebookDecode", inputs, DOMAIN)


def _codebooks(encoded: Coded, shape: tuple[int, int], decoding: Decoding) -> Any:
    """The codebooks, those of a channel in a row; made from scales where they can be, which are far fewer numbers."""
    unit = _unit(encoded) if isinstance(encoded, ScaledCodebook) else None
    if unit is None or not isinstance(encoded, ScaledCodebook):
        return decoding.tensor("codebooks", encoded.codebooks.reshape(shape))
    inputs = [decoding.tensor("unit", unit), decoding.tensor("scales", encoded.scales.reshape(-1, 1))]
    return decoding.node("codebooks", "StretchCodebook", [*inputs, _ints(decoding, "by_row", *shape)], DOMAIN)


def _unit(encoded: ScaledCodebook) -> NDArray[np.float64] | None:
    """The codebook of scale 1 whose products with the scales in float64, rounded to float32, are the codebooks."""
    known = [np.array(levels(encoded.width), np.float64)]
    if encoded.width > 1:
        known.append(codebook(np.ones(1, np.float32), places(encoded.width)).astype(np.float64))
    scales = encoded.scales.astype(np.float64).reshape(-1, 1)
    for unit in known:
        if np.array_equal((scales * unit).astype(np.float32), encoded.codebooks):
            return unit
    return None


def _packed(raw: bytes, decoding: Decoding) -> Any:
    return decoding.tensor("packed", np.frombuffer(raw, np.uint8))


def _unpacked(function: str, packed: Any, encoded: Scaled | Coded, values: NDArray[Any], decoding: Decoding) -> Any:
    """The codes as floats; values: what each bit of a code is worth."""
    count, width = prod(encoded.shape), encoded.width
    inputs = [
        packed,
        _ints(decoding, "count", count * width),
        _ints(decoding, "codes_by_bits", count, width),
        decoding.tensor("values", values.astype(np.float32).reshape(-1, 1)),
    ]
    return decoding.node("unpacked", function, inputs, DOMAIN)


def _shape(decoding: Decoding, encoded: Scaled | Coded) -> Any:
    return _ints(decoding, "shape", *encoded.shape)


def _ints(decoding: Decoding, suffix: str, *numbers: int) -> Any:
    return decoding.tensor(suffix, np.array(numbers, np.int64))


def add_functions(model: Any, names: set[str], opset: int) -> None:
    """Adds the functions and those that they call; raises the file's version to one that has them.

    Raises:
        Unsupported: the model has another function of such a name.
    """
    import onnx
    import onnx_ir as ir

    wanted = sorted(names | ({"UnpackCodes"} if "UnpackSigns" in names else set()))
    for name in wanted:
        head = f'<domain: "{DOMAIN}", opset_import: ["" : {opset}, "{DOMAIN}" : 1]>'
        function = ir.serde.deserialize_function(onnx.parser.parse_function(head + FUNCTIONS[name]))
        there = model.functions.get(function.identifier())
        if there is not None and _written(there) != _written(function):
            raise Unsupported(f"the model has a function {DOMAIN}.{name} of its own: rename it first")
        model.functions[function.identifier()] = function
    if wanted:
        model.graph.opset_imports[DOMAIN] = 1
    model.ir_version = max(model.ir_version, *(ir for since, ir in IR_VERSIONS.items() if opset >= since))


def _written(function: Any) -> list[tuple[str, list[str], list[str]]]:
    """The nodes of a function, to compare."""
    return [(node.op_type, [i.name for i in node.inputs], [o.name for o in node.outputs]) for node in function]
