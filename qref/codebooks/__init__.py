"""Code-based quantization: one scheme a file, to be read beside its paper, and this table of them."""

from qref.codebooks.error_corrected import QUANTIZED_CNN
from qref.codebooks.hashed import HASHED
from qref.codebooks.optimal_scalar import SCALAR_CODEBOOK
from qref.codebooks.product import PRODUCT_CODEBOOK, PRODUCT_CODEBOOK_COLUMN
from qref.codebooks.scalar import SCALAR_CODEBOOK_LLOYD
from qref.codebooks.vector import VECTOR_CODEBOOK, VECTOR_CODEBOOK_COLUMN
from qref.quantizers.scheme import Scheme

SCHEMES: dict[str, Scheme] = {
    scheme.name: scheme
    for scheme in (
        SCALAR_CODEBOOK,
        SCALAR_CODEBOOK_LLOYD,
        VECTOR_CODEBOOK,
        VECTOR_CODEBOOK_COLUMN,
        PRODUCT_CODEBOOK,
        PRODUCT_CODEBOOK_COLUMN,
        QUANTIZED_CNN,
        HASHED,
    )
}
"""Every scheme whose codes are places in codebooks that are fitted to the weights, by its name."""
