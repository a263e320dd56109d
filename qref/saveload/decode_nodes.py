"""Encoded weights inside an ONNX model: the nodes that make float32 weights of them when the model is loaded.

Where ONNX has a type of just the width (int8, int4, int2) the codes stand in it, behind DequantizeLinear. All other
codes are packed without gaps, as `Encoded.packed` has them, and model-local functions of the domain "qref" take them
out again; their bodies use operators that opset 11 has. Either way a weight is the product of code and scale, rounded
once, or an element of a codebook: bit for bit what `decode` gives.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.codebooks.hashed import Hashed
from qref.codebooks.subvectors import Subvectors
from qref.compression.huffman_coded import HuffmanCoded
from qref.compression.relative_index import RelativeIndex
from qref.errors import Unsupported
from qref.quantizers.encoded import Coded, Encoded, Scaled
from qref.quantizers.factorized import Factorized
from qref.quantizers.granularity import CHANNEL, TENSOR, matrix
from qref.quantizers.lloyd_max_weights import levels
from qref.quantizers.logarithmic_weights import codebook, places
from qref.quantizers.packed_codes import pack
from qref.quantizers.scaled_codebook import ScaledCodebook
from qref.quantizers.sq_bwn import Hybrid
from qref.saveload.decoding import BLOCKED_SINCE, DOMAIN, OLDEST, SINCE, Decoding
from qref.saveload.hashed_nodes import hashed
from qref.saveload.relative_index_nodes import relative_index, zeros
from qref.saveload.subvector_nodes import subvectors
from qref.saveload.symbol_nodes import unpacked
from qref.saveload.weights import Weight

FUNCTIONS = {
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

SpreadParts: one value a part [M or 1, parts of a channel, 1] → one a weight [M or 1, K], the last part cut short.
ScaledDecode: scales [M or 1, K or 1].
StretchCodebook: unit [values] in float64, scales [parts, 1] → one codebook a part, a product in float64 rounded.
CodebookDecode: codebooks [M or 1, parts of a channel · values], `first` [1, K or 1] where each weight's begins.
"""


def decode_nodes(encoded: Encoded, decoding: Decoding, weight: Weight) -> Any:
    """The value of the decoded weights as the model has them; the nodes that make it are added to `decoding`.

    Raises:
        Unsupported: the model's opset is older than 11, or no way is known to write what the scheme gives.
    """
    if decoding.opset < OLDEST:
        raise Unsupported(f"the model has opset {decoding.opset}: functions need {OLDEST}, convert it first")
    if isinstance(encoded, HuffmanCoded):
        return decode_nodes(encoded.encoded, replace(decoding, huffman=True), weight)
    if isinstance(encoded, Scaled):
        first = scaled(encoded, decoding, whole=weight.axis != 0)
    elif isinstance(encoded, Coded):
        first = _coded(encoded, decoding)
    elif isinstance(encoded, Hybrid):
        first = _hybrid(encoded, decoding)
    elif isinstance(encoded, Factorized):
        first = _factorized(encoded, decoding)
    elif isinstance(encoded, Subvectors):
        first = subvectors(encoded, decoding)
    elif isinstance(encoded, Hashed):
        first = hashed(encoded, decoding)
    elif isinstance(encoded, RelativeIndex):
        first = _relative_index(encoded, decoding)
    else:
        raise Unsupported(f"no ONNX form of {type(encoded).__name__}")
    return first if weight.axis == 0 else _as_in_the_model(first, decoding, weight)


def _as_in_the_model(first: Any, decoding: Decoding, weight: Weight) -> Any:
    """From output channels first to the model's own order of axes."""
    apart, order = [weight.by_group[i] for i in weight.order], [int(i) for i in np.argsort(weight.order)]
    if weight.group == 1:
        return decoding.node("weights", "Transpose", [first], perm=[i - 1 for i in order[1:]])
    grouped = decoding.node("grouped", "Reshape", [first, decoding.ints("apart", *apart)])
    turned = decoding.node("turned", "Transpose", [grouped], perm=order)
    return decoding.node("weights", "Reshape", [turned, decoding.ints("joined", *weight.shape)])


def scaled(encoded: Scaled, decoding: Decoding, whole: bool = False) -> Any:
    """The value of α·B, output channels first. whole: a Reshape stands at the end in any case (`_dequantize`)."""
    M, _ = matrix(encoded.shape)
    groups = encoded.scales.size // M if encoded.granularity.kind == "group" else 1
    since = max(SINCE.get(encoded.width, 99), BLOCKED_SINCE if groups > 1 else 0)
    if decoding.opset >= since and not decoding.huffman:
        return _dequantize(encoded, decoding, groups, whole)
    return _multiplied(encoded, decoding, groups)


def _multiplied(encoded: Scaled, decoding: Decoding, groups: int) -> Any:
    """By functions, which ONNX Runtime folds; a DequantizeLinear it does not."""
    M, K = matrix(encoded.shape)
    [stream] = encoded.symbols
    codes = unpacked(stream, decoding, signed=True)
    scales = _spread("scales", encoded.scales.reshape(-1, groups, 1), encoded, decoding)
    inputs = [codes, decoding.ints("by_channel", M, K), scales, decoding.ints("shape", *encoded.shape)]
    return decoding.node("decoded", "ScaledDecode", inputs, DOMAIN)


def _spread(suffix: str, x: NDArray[Any], encoded: Scaled | Coded, decoding: Decoding) -> Any:
    """x [M or 1, parts of a channel, 1] as one value a weight, or a channel where a channel is one part."""
    rows, groups, _ = x.shape
    if groups == 1:
        return decoding.tensor(suffix, x.reshape(rows, 1))
    inputs = [
        decoding.tensor(suffix, x),
        decoding.ints(f"{suffix}.by_part", rows, groups, encoded.granularity.size),
        decoding.ints(f"{suffix}.rows", rows, groups * encoded.granularity.size),
        decoding.ints(f"{suffix}.length", matrix(encoded.shape)[1]),
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
    return decoding.node("reshaped", "Reshape", [found, decoding.ints("shape", *encoded.shape)])


def _hybrid(encoded: Hybrid, decoding: Decoding) -> Any:
    """The rows of signs, then the others, and each taken to its place."""
    rows = []
    if encoded.scales.size:
        rows.append(scaled(Scaled(encoded.codes, encoded.scales, CHANNEL, width=1), decoding))
    if encoded.rest.size:
        rows.append(decoding.tensor("rest", encoded.rest))
    found = decoding.node("rows", "Concat", rows, axis=0)
    order = np.argsort(np.argsort(~encoded.chosen, kind="stable"))
    placed = decoding.node("placed", "Gather", [found, decoding.ints("places", *order)], axis=0)
    return decoding.node("reshaped", "Reshape", [placed, decoding.ints("whole", *encoded.shape)])


def _factorized(encoded: Factorized, decoding: Decoding) -> Any:
    """X·(D·Yᵀ), a product of matrices in float32."""
    _, K = matrix(encoded.shape)
    ones = np.ones(1, np.float32)
    left = scaled(Scaled(encoded.X, ones, TENSOR, width=2), decoding.part("X"), whole=True)
    rows = Scaled(encoded.Y.reshape(encoded.D.size, K), encoded.D, CHANNEL, width=2)
    right = scaled(rows, decoding.part("Y"), whole=True)
    return decoding.node("decoded", "FactorizedDecode", [left, right, decoding.ints("whole", *encoded.shape)], DOMAIN)


def _relative_index(encoded: RelativeIndex, decoding: Decoding) -> Any:
    part = decoding.part("values")
    if not encoded.gaps.size:
        return zeros(encoded.shape, decoding)
    if isinstance(encoded.values, Scaled):
        values = _multiplied(encoded.values, part, groups=1)
    elif isinstance(encoded.values, Coded):
        values = _coded(encoded.values, part)
    else:
        values = part.tensor("numbers", encoded.values)
    return relative_index(encoded, values, decoding)


def _coded(encoded: Coded, decoding: Decoding) -> Any:
    M, K = matrix(encoded.shape)
    [stream] = encoded.symbols
    codes = unpacked(stream, decoding)
    parts, values = encoded.codebooks.shape
    by_channel = (1, M * K) if encoded.granularity.kind == "tensor" else (M, K)
    groups = parts // by_channel[0]
    first = _spread("first", (np.arange(groups) * values).reshape(1, groups, 1), encoded, decoding)
    books = _codebooks(encoded, (by_channel[0], groups * values), decoding)
    inputs = [codes, decoding.ints("by_channel", *by_channel), books, first, decoding.ints("shape", *encoded.shape)]
    return decoding.node("decoded", "CodebookDecode", inputs, DOMAIN)


def _codebooks(encoded: Coded, shape: tuple[int, int], decoding: Decoding) -> Any:
    """The codebooks, those of a channel in a row; made from scales where they can be, which are far fewer numbers."""
    unit = _unit(encoded) if isinstance(encoded, ScaledCodebook) else None
    if unit is None or not isinstance(encoded, ScaledCodebook):
        return decoding.tensor("codebooks", encoded.codebooks.reshape(shape))
    inputs = [decoding.tensor("unit", unit), decoding.tensor("scales", encoded.scales.reshape(-1, 1))]
    return decoding.node("codebooks", "StretchCodebook", [*inputs, decoding.ints("by_row", *shape)], DOMAIN)


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
