"""Subvectors inside an ONNX model: codes unpacked, each taken to its column of the codebooks."""

from typing import Any

from qref.codebooks.subvectors import Subvectors
from qref.saveload.decoding import DOMAIN, Decoding
from qref.saveload.symbol_nodes import unpacked

FUNCTIONS = {
    "SubvectorDecode": """
SubvectorDecode (codes, by_row, repeated, columns, codebooks) => (W)
{
  last = Constant <value = int64[1] {1}> ()
  zero = Constant <value = int64[1] {0}> ()
  numbers = Cast <to = 7> (codes)
  matrix = Reshape (numbers, by_row)
  each = Expand (matrix, repeated)
  flat_shape = Constant <value = int64[3] {0, -1, 1}> ()
  row_shape = Constant <value = int64[2] {0, -1}> ()
  flat = Reshape (each, flat_shape)
  rows = Reshape (flat, row_shape)
  places = Slice (rows, zero, columns, last)
  W = GatherElements <axis = 0> (codebooks, places)
}""",
}
"""The bodies of the model-local functions.

SubvectorDecode: codes, by_row [R, S, 1], repeated [R, S, d], columns [L], codebooks [V, L] → W' [R, L].
"""


def subvectors(encoded: Subvectors, decoding: Decoding) -> Any:
    """The value of W', output channels first."""
    [stream] = encoded.symbols
    R, S = encoded.codes.shape
    inputs = [
        unpacked(stream, decoding),
        decoding.ints("by_row", R, S, 1),
        decoding.ints("repeated", R, S, encoded.d),
        decoding.ints("columns", encoded.codebooks.shape[1]),
        decoding.tensor("codebooks", encoded.codebooks),
    ]
    found = decoding.node("rows", "SubvectorDecode", inputs, DOMAIN)
    return _reshaped(encoded, found, decoding)


def _reshaped(encoded: Subvectors, found: Any, decoding: Decoding) -> Any:
    """From the matrix of the layout to the shape of W."""
    if encoded.layout == "columns":
        found = decoding.node("by_channel", "Transpose", [found], perm=[1, 0])
    elif encoded.layout == "channels" and len(encoded.shape) > 2:
        M, C = encoded.shape[:2]
        apart = decoding.node("taps", "Reshape", [found, decoding.ints("by_tap", M, -1, C)])
        found = decoding.node("by_channel", "Transpose", [apart], perm=[0, 2, 1])
    return decoding.node("decoded", "Reshape", [found, decoding.ints("shape", *encoded.shape)])
