"""The bytes of packed codes and of a relative index, bit by bit, and what a decoder refuses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.compression.relative_index import sparse
from qref.errors import InvalidInput
from qref.numerics.tensor import tensor
from qref.ops import run
from qref.ops.request import Request
from qref.quantizers.packed_codes import pack, unpack


def refused(op: str, attributes: dict[str, object], *inputs: object) -> str:
    tensors = tuple(tensor(np.asarray(values), dtype) for values, dtype in inputs)  # type: ignore[misc]
    with pytest.raises(InvalidInput) as error:
        run(Request(op, "qref", 1, attributes, tensors, 1))
    return str(error.value)


@pytest.mark.requirement("QREF-ST-001")
@given(bits=st.integers(1, 8), values=st.lists(st.integers(0, 255), max_size=40))
def test_bit_j_of_code_i_is_bit_ik_plus_j_of_the_bytes(bits: int, values: list[int]) -> None:
    codes = np.array([value % 2**bits for value in values], np.uint8)
    raw = pack(codes, bits)
    line = [raw[n // 8] >> n % 8 & 1 for n in range(8 * len(raw))]
    for i, code in enumerate(codes.tolist()):
        assert [code >> j & 1 for j in range(bits)] == line[i * bits : (i + 1) * bits]
    assert len(raw) == -(-len(codes) * bits // 8) and not any(line[len(codes) * bits :])
    assert unpack(raw, bits, len(codes)).tolist() == codes.tolist()


CSR = {"shape": [2, 3]}


@pytest.mark.requirement("QREF-ST-004")
@pytest.mark.parametrize(
    ("pointers", "columns"),
    [([0, 1], [0]), ([1, 1, 1], [0]), ([0, 2, 1], [0]), ([0, 1, 2], [0]), ([0, 1, 1], [3]), ([0, 2, 2], [1, 1])],
)
def test_rows_that_are_none_are_refused(pointers: list[int], columns: list[int]) -> None:
    values = np.ones(len(columns), np.float32)
    assert refused("CsrDecode", CSR, (pointers, "int64"), (columns, "int64"), (values, "float32"))


@pytest.mark.requirement("QREF-ST-008")
def test_the_bytes_of_a_relative_index() -> None:
    W = np.zeros(20, np.float32)
    W[[2, 3, 19]] = [1.0, -2.0, 0.5]
    found = sparse(W, None, None, 3)
    assert found.gaps.tolist() == [2, 0, 7, 7]  # 16 places to the last number: a filler takes 8 of them
    raw = found.packed()
    gaps = 2 | 0 << 3 | 7 << 6 | 7 << 9
    values = np.array([1.0, -2.0, 0.0, 0.5], "<f4").tobytes()
    assert raw == gaps.to_bytes(2, "little") + values + (4).to_bytes(4, "little")
    assert found.bits == 8 * len(raw)
