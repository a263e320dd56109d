"""Every kind of encoded tensor."""

from qref.codebooks.hashed import Hashed
from qref.codebooks.subvectors import Subvectors
from qref.compression.huffman_coded import HuffmanCoded
from qref.compression.relative_index import RelativeIndex
from qref.quantizers.encoded import Coded, Scaled
from qref.quantizers.factorized import Factorized
from qref.quantizers.incremental import PowersOfTwo
from qref.quantizers.scaled_codebook import ScaledCodebook
from qref.quantizers.sq_bwn import Hybrid

ENCODED: tuple[type, ...] = (
    Scaled,
    Coded,
    ScaledCodebook,
    PowersOfTwo,
    Factorized,
    Hybrid,
    Subvectors,
    Hashed,
    RelativeIndex,
    HuffmanCoded,
)
