"""Cases of PackCodes and UnpackCodes: codes of 1 to 8 bits as bytes, and back."""

from collections.abc import Iterator
from typing import Any

from qref.numerics.tensor import Tensor, tensor
from qref.ops import run
from qref.vectors.case import Case
from qref.vectors.generators.builder import ask, judged, refused
from qref.vectors.generators.draw import Draw

PACKED = ("QREF-ST-001",)


def cases(suite: str) -> Iterator[Case]:
    """All cases of this file."""
    draw = Draw("packed-codes")

    def drawn(bits: int, signed: bool, shape: tuple[int, ...]) -> Tensor:
        if not signed:
            return tensor(draw.integers(0, (1 << bits) - 1, shape), "uint8")
        if bits == 1:
            return tensor(2 * draw.integers(0, 1, shape) - 1, "int8")
        return tensor(draw.edges(-(1 << bits - 1), (1 << bits - 1) - 1, shape), "int8")

    def both(codes: Tensor, bits: int, flags: tuple[str, ...], comment: str) -> Iterator[Case]:
        request = ask("PackCodes", 1, [codes], {"bits": bits}, "qref")
        yield judged(suite, "packed", request, PACKED, flags, comment)
        given = {"bits": bits, "shape": list(codes.shape), "signed": int(codes.dtype == "int8")}
        request = ask("UnpackCodes", 1, run(request), given, "qref")
        yield judged(suite, "unpacked", request, PACKED, flags, comment)

    for bits in range(1, 9):
        crossing = ("codes-cross-bytes",) if 8 % bits else ()
        for count in (21, 16):
            yield from both(drawn(bits, False, (count,)), bits, ("packed-codes", *crossing), f"codes of {bits} bits")
        yield from both(
            drawn(bits, True, (3, 5)), bits, ("packed-codes", "packed-signs", *crossing), f"signed, {bits} bits"
        )
    small: tuple[tuple[str, tuple[int, ...]], ...] = (("no codes", (0, 3)), ("a scalar", ()), ("rank 4", (2, 1, 3, 2)))
    for comment, shape in small:
        yield from both(drawn(3, False, shape), 3, ("zero-size" if 0 in shape else "packed-codes",), comment)
    byte = tensor([9], "uint8")
    for op, inputs, attributes, comment in (
        ("PackCodes", [tensor([3, 4], "uint8")], {"bits": 2}, "4 in two bits"),
        ("PackCodes", [tensor([-3], "int8")], {"bits": 2}, "−3 in two bits"),
        ("PackCodes", [tensor([1, 0], "int8")], {"bits": 1}, "0 in a bit for −1 and +1"),
        ("PackCodes", [tensor([1, 0], "uint8")], {"bits": 9}, "nine bits"),
        ("PackCodes", [tensor([1, 0], "uint8")], {"bits": 0}, "no bits"),
        ("PackCodes", [tensor([1, 0], "int32")], {"bits": 2}, "int32"),
        ("UnpackCodes", [byte], {"bits": 4, "shape": [3]}, "three codes of four bits in a byte"),
        ("UnpackCodes", [byte], {"bits": 4, "shape": [0]}, "a byte for no codes"),
        ("UnpackCodes", [byte], {"bits": 3, "shape": [1]}, "a byte that is filled up with a one"),
        ("UnpackCodes", [byte], {"bits": 4}, "no shape"),
        ("UnpackCodes", [byte], {"bits": 4, "shape": [2], "signed": 2}, "signed is neither 0 nor 1"),
    ):
        values: dict[str, Any] = dict(attributes)
        yield refused(suite, "refused", ask(op, 1, inputs, values, "qref"), PACKED, ("error",), comment)
