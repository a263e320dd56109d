"""Suite `codebooks`: codebooks, hashing, pruning, compressed storage and low rank, one file a scheme."""

from qref.vectors.case import Suite
from qref.vectors.generators import (
    error_corrected,
    hashed,
    huffman,
    lookup,
    low_rank,
    packed_codes,
    pruning,
    scalar_codebooks,
    sparse_storage,
    subvectors,
    vector_codebooks,
)
from qref.vectors.generators.builder import assemble

SUITE = "codebooks"
FILES = (
    subvectors,
    vector_codebooks,
    lookup,
    error_corrected,
    hashed,
    pruning,
    scalar_codebooks,
    packed_codes,
    sparse_storage,
    huffman,
    low_rank,
)


def suite() -> Suite:
    """The suite `codebooks`."""
    return assemble(SUITE, (case for file in FILES for case in file.cases(SUITE)))
