"""What an encoded tensor is as an operator's outputs."""

from qref.numerics.tensor import Tensor
from qref.quantizers.encoded import Coded, Scaled


def tensors(encoded: Scaled | Coded) -> tuple[Tensor, Tensor]:
    """Codes and scales, int8 and float32 [parts]; or codes and codebooks, uint8 and float32 [parts, values]."""
    if isinstance(encoded, Scaled):
        return Tensor("int8", encoded.codes), Tensor("float32", encoded.scales)
    return Tensor("uint8", encoded.codes), Tensor("float32", encoded.codebooks)
