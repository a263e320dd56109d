"""Hashed weights inside an ONNX model: the hash is computed when the model is loaded, no index is stored.

xxHash32 in ONNX's integers: a product of two words is one of int64, below 2⁶³ since constants stand with a sign, and
Cast to uint32 keeps its low 32 bits. ⊕ is BitwiseXor from opset 18 on. Before, words are cut into four bytes,
and a table of 65,536 numbers, made of the 256 for half a byte, holds the ⊕ of two: the same bits, at more memory.
"""

from typing import Any

import numpy as np

from qref.codebooks.hashed import Hashed
from qref.errors import Unsupported
from qref.numerics.xxhash32 import P2, P3, P4, P5
from qref.quantizers.granularity import matrix
from qref.saveload.decoding import DOMAIN, Decoding

BITWISE_SINCE = 18
WORDS = 1 << 32
XOR = ", ".join(str(float(a ^ b)) for a in range(16) for b in range(16))


def signed(constant: int) -> int:
    """The number from −2³¹ to 2³¹ that is the constant modulo 2³²: its product with a word fits into int64."""
    return constant - WORDS if constant >= WORDS // 2 else constant


def _hash(xor_shift: str) -> str:
    """The body of xxHash32 of rows [M, 1] and columns [1, K], whose ⊕ is the function `xor_shift`."""
    return f"""
(rows, columns, start) => (hash)
{{
  P2 = Constant <value = int64[1] {{{signed(P2)}}}> ()
  P3 = Constant <value = int64[1] {{{signed(P3)}}}> ()
  P4 = Constant <value = int64[1] {{{signed(P4)}}}> ()
  left = Constant <value = uint32[1] {{17}}> ()
  right = Constant <value = uint32[1] {{15}}> ()
  first_places = Constant <value = uint32[1] {{15}}> ()
  second_places = Constant <value = uint32[1] {{13}}> ()
  third_places = Constant <value = uint32[1] {{16}}> ()
  i_product = Mul (rows, P3)
  i_sum = Add (i_product, start)
  i_word = Cast <to = 12> (i_sum)
  i_left = BitShift <direction = "LEFT"> (i_word, left)
  i_right = BitShift <direction = "RIGHT"> (i_word, right)
  i_turned = Add (i_left, i_right)
  i_wide = Cast <to = 7> (i_turned)
  i_mixed = Mul (i_wide, P4)
  i_low = Cast <to = 12> (i_mixed)
  i_hash = Cast <to = 7> (i_low)
  j_product = Mul (columns, P3)
  j_sum = Add (i_hash, j_product)
  j_word = Cast <to = 12> (j_sum)
  j_left = BitShift <direction = "LEFT"> (j_word, left)
  j_right = BitShift <direction = "RIGHT"> (j_word, right)
  j_turned = Add (j_left, j_right)
  j_wide = Cast <to = 7> (j_turned)
  j_mixed = Mul (j_wide, P4)
  j_hash = Cast <to = 12> (j_mixed)
  once = qref.{xor_shift} (j_hash, first_places)
  once_wide = Cast <to = 7> (once)
  once_mixed = Mul (once_wide, P2)
  once_low = Cast <to = 12> (once_mixed)
  twice = qref.{xor_shift} (once_low, second_places)
  twice_wide = Cast <to = 7> (twice)
  twice_mixed = Mul (twice_wide, P3)
  twice_low = Cast <to = 12> (twice_mixed)
  hash = qref.{xor_shift} (twice_low, third_places)
}}"""


def _decode(hash: str) -> str:
    """The body of the decoder whose hash is the function `hash`."""
    return f"""
(w, channels, places, buckets, starts, shape) => (W)
{{
  zero = Constant <value = int64 {{0}}> ()
  one = Constant <value = int64 {{1}}> ()
  first = Constant <value = int64[1] {{0}}> ()
  second = Constant <value = int64[1] {{1}}> ()
  down = Constant <value = int64[2] {{-1, 1}}> ()
  two = Constant <value = uint32[1] {{2}}> ()
  doubled = Constant <value = float[1] {{2.0}}> ()
  less = Constant <value = float[1] {{1.0}}> ()
  i = Range (zero, channels, one)
  rows = Reshape (i, down)
  columns = Range (zero, places, one)
  start = Gather (starts, first)
  bucket_hash = qref.{hash} (rows, columns, start)
  bucket = Mod (bucket_hash, buckets)
  index = Cast <to = 6> (bucket)
  shared = Gather (w, index)
  sign_start = Gather (starts, second)
  sign_hash = qref.{hash} (rows, columns, sign_start)
  odd = Mod (sign_hash, two)
  number = Cast <to = 1> (odd)
  twofold = Mul (number, doubled)
  sign = Sub (twofold, less)
  virtual = Mul (shared, sign)
  W = Reshape (virtual, shape)
}}"""


FUNCTIONS = {
    "XorShift": """
XorShift (x, places) => (y)
{
  shifted = BitShift <direction = "RIGHT"> (x, places)
  y = BitwiseXor (x, shifted)
}""",
    "XorShiftByBytes": f"""
XorShiftByBytes (x, places) => (y)
{{
  table = Constant <value = double[256] {{{XOR}}}> ()
  sixteen = Constant <value = double[1] {{16.0}}> ()
  high_shape = Constant <value = int64[4] {{16, 1, 16, 1}}> ()
  low_shape = Constant <value = int64[4] {{1, 16, 1, 16}}> ()
  flat = Constant <value = int64[1] {{-1}}> ()
  low_digits = Reshape (table, low_shape)
  digits = Reshape (table, high_shape)
  high_digits = Mul (digits, sixteen)
  square = Add (high_digits, low_digits)
  xor_of_bytes = Reshape (square, flat)
  powers = Constant <value = double[4] {{1.0, 256.0, 65536.0, 16777216.0}}> ()
  bytes = Constant <value = uint32[4] {{0, 8, 16, 24}}> ()
  row = Constant <value = int32[1] {{256}}> ()
  column = Constant <value = int64[3] {{0, 0, 1}}> ()
  shifted = BitShift <direction = "RIGHT"> (x, places)
  x_column = Reshape (x, column)
  y_column = Reshape (shifted, column)
  x_cut = BitShift <direction = "RIGHT"> (x_column, bytes)
  y_cut = BitShift <direction = "RIGHT"> (y_column, bytes)
  x_bytes = Cast <to = 2> (x_cut)
  y_bytes = Cast <to = 2> (y_cut)
  x_wide = Cast <to = 6> (x_bytes)
  y_wide = Cast <to = 6> (y_bytes)
  x_row = Mul (x_wide, row)
  pairs = Add (x_row, y_wide)
  xor = Gather (xor_of_bytes, pairs)
  number = MatMul (xor, powers)
  y = Cast <to = 12> (number)
}}""",
    "XxHash32": "XxHash32" + _hash("XorShift"),
    "XxHash32ByBytes": "XxHash32ByBytes" + _hash("XorShiftByBytes"),
    "HashedDecode": "HashedDecode" + _decode("XxHash32"),
    "HashedDecodeByBytes": "HashedDecodeByBytes" + _decode("XxHash32ByBytes"),
}
"""The bodies of the model-local functions.

HashedDecode: w [K_w], channels and places scalars, buckets = K_w as uint32 [1], starts [2] of bucket and sign: the seed
and what xxHash32 adds to it for keys of eight bytes.
"""
CALLS = {
    "HashedDecode": ("XxHash32", "XorShift"),
    "HashedDecodeByBytes": ("XxHash32ByBytes", "XorShiftByBytes"),
}


def hashed(encoded: Hashed, decoding: Decoding) -> Any:
    """The value of V, output channels first.

    Raises:
        Unsupported: keys of decimal digits.
    """
    if encoded.hash.key != "uint32":
        raise Unsupported(f"no ONNX form of hashes of {encoded.hash.key} keys: encode the weights with uint32 keys")
    M, K = matrix(encoded.shape)
    if not M * K:
        return decoding.tensor("decoded", encoded.decode())
    seeds = encoded.hash.seed, WORDS - 1 - encoded.hash.seed
    inputs = [
        decoding.tensor("w", encoded.weights),
        decoding.tensor("channels", np.array(M, np.int64)),
        decoding.tensor("places", np.array(K, np.int64)),
        decoding.tensor("buckets", np.array([encoded.weights.size], np.uint32)),
        decoding.ints("starts", *(seed + P5 + 8 for seed in seeds)),
        decoding.ints("shape", *encoded.shape),
    ]
    name = "HashedDecode" if decoding.opset >= BITWISE_SINCE else "HashedDecodeByBytes"
    return decoding.node("decoded", name, inputs, DOMAIN)
