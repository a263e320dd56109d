"""Tensors: what a format stores, and what it refuses."""

import numpy as np
import pytest

from qref.errors import BadTensor
from qref.numerics.formats import FORMATS, Integer, format_of, integer
from qref.numerics.tensor import Tensor, tensor

# name: bits, lowest, highest, as C or the OCP and ONNX texts give them
INTEGERS = {
    "int2": (2, -2, 1),
    "uint2": (2, 0, 3),
    "int4": (4, -8, 7),
    "uint4": (4, 0, 15),
    "int8": (8, -128, 127),
    "uint8": (8, 0, 255),
    "int16": (16, -32768, 32767),
    "uint16": (16, 0, 65535),
    "int32": (32, -2147483648, 2147483647),
    "uint32": (32, 0, 4294967295),
    "int64": (64, -9223372036854775808, 9223372036854775807),
    "uint64": (64, 0, 18446744073709551615),
}


@pytest.mark.requirement("QREF-RD-006")
def test_integer_formats_have_their_published_ranges() -> None:
    found = {f.name: (f.bits, f.lowest, f.highest) for f in FORMATS.values() if isinstance(f, Integer)}
    assert found == INTEGERS


@pytest.mark.parametrize("name", INTEGERS)
def test_the_ends_fit_and_nothing_beyond(name: str) -> None:
    _, lowest, highest = INTEGERS[name]
    assert [tensor(end, name).data.item() for end in (lowest, highest)] == [lowest, highest]
    for beyond in (lowest - 1, highest + 1):
        with pytest.raises((BadTensor, OverflowError)):
            tensor([beyond], name)


def test_a_tensor_is_stored_as_its_format_says() -> None:
    with pytest.raises(BadTensor, match="int4 is stored as int8, not int64"):
        Tensor("int4", np.zeros(1, np.int64))
    with pytest.raises(BadTensor, match="int4 holds -8 to 7"):
        Tensor("int4", np.array([8], np.int8))
    with pytest.raises(BadTensor, match="float4e2m1 holds 0 to 15"):
        Tensor("float4e2m1", np.array([16], np.uint8))
    with pytest.raises(BadTensor, match="'int3' is not one of"):
        format_of("int3")
    with pytest.raises(BadTensor, match="'float32' is no integer"):
        integer("float32")


def test_same_means_type_shape_and_bits() -> None:
    x = tensor([1.0, np.nan, 0.0], "float32")
    assert x.same(tensor([1.0, np.nan, 0.0], "float32"))
    assert not x.same(tensor([1.0, np.nan, -0.0], "float32"))
    assert not x.same(tensor([[1.0, np.nan, 0.0]], "float32"))
    assert not tensor([1], "int8").same(tensor([1], "uint8"))
    strided = Tensor("int8", np.arange(6, dtype=np.int8).reshape(2, 3).T)
    assert strided.same(tensor([[0, 3], [1, 4], [2, 5]], "int8"))


def test_64_bit_integers_do_not_pass_through_float64() -> None:
    assert tensor([0, 2**63 + 1], "uint64").data.tolist() == [0, 2**63 + 1]
    assert tensor([[2**64 - 1], [0]], "uint64").data.tolist() == [[2**64 - 1], [0]]
    assert tensor([2**53 + 1, -1], "int64").data.tolist() == [2**53 + 1, -1]
    for values, dtype in (([2**64], "uint64"), ([-1, 2**64 - 1], "uint64"), ([0, 2**63], "int64"), ([0.5, 2], "int8")):
        with pytest.raises(BadTensor, match="do not fit"):
            tensor(values, dtype)
