"""The schemes of the suites quantizers and binary, from their papers alone, on exact rationals; this table of them."""

from independent.schemes.binary_weight import binary_weight
from independent.schemes.decoded import codebook_decode, scaled_decode
from independent.schemes.scheme import Scheme

SCHEMES: dict[str, Scheme] = {
    "ScaledDecode": scaled_decode,
    "CodebookDecode": codebook_decode,
    "BinaryWeight": binary_weight,
}
