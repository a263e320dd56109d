"""Code-based quantization: one scheme a file, to be read beside its paper, and this table of them."""

from qref.quantizers.scheme import Scheme

SCHEMES: dict[str, Scheme] = {}
"""Every scheme whose codes are places in codebooks that are fitted to the weights, by its name."""
