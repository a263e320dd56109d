"""Every weight scheme that a model can be written with, by its name."""

from qref import codebooks, quantizers
from qref.quantizers.scheme import Scheme

SCHEMES: dict[str, Scheme] = {**quantizers.SCHEMES, **codebooks.SCHEMES}
