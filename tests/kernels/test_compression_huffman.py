"""HuffmanDecode's fast path against the reference: symbols, and what it refuses."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.compression import huffman
from qref.errors import InvalidInput, Unsupported
from qref.numerics.tensor import Tensor
from qref.ops import run as reference
from qref.ops.request import Request

pytest.importorskip("numba")
from qref.kernels import run


def request(raw: bytes, lengths: np.ndarray, count: int) -> Request:
    inputs = Tensor("uint8", np.frombuffer(raw, np.uint8)), Tensor("uint8", lengths)
    return Request("HuffmanDecode", "qref", 1, {"shape": [count]}, inputs)


@given(st.binary(max_size=200), st.integers(1, 255))
def test_symbols_come_back(raw: bytes, most: int) -> None:
    symbols = np.minimum(np.frombuffer(raw, np.uint8), most).astype(np.uint8)
    lengths = huffman.code_lengths(np.bincount(symbols, minlength=256))
    asked = request(huffman.encode(symbols, lengths), lengths, symbols.size)
    assert np.array_equal(run(asked)[0].data, symbols)


@given(
    st.binary(max_size=6),
    st.sampled_from([[1, 2, 2], [1, 0], [0, 0], [2, 2, 2, 2], [1, 1, 1], [3]]),
    st.integers(0, 12),
)
def test_what_the_reference_refuses_is_refused(raw: bytes, lengths: list[int], count: int) -> None:
    asked = request(raw, np.array(lengths, np.uint8), count)
    assert answer(run, asked) == answer(reference, asked)


def answer(by: Callable[[Request], list[Tensor]], asked: Request) -> list[int] | str:
    """The symbols, or the complaint."""
    try:
        return by(asked)[0].data.tolist()
    except InvalidInput as error:
        return str(error)


@pytest.mark.parametrize("inputs", [0, 1, 3])
def test_another_number_of_inputs_is_refused(inputs: int) -> None:
    asked = Request("HuffmanDecode", "qref", 1, {"shape": [0]}, (Tensor("uint8", np.zeros(0, np.uint8)),) * inputs)
    for by in (reference, run):
        with pytest.raises(InvalidInput, match="takes 2 to 2 inputs"):
            by(asked)


def test_a_shape_that_no_memory_holds_is_refused() -> None:
    with pytest.raises(Unsupported, match="at most 134217728 elements"):
        run(request(b"", np.zeros(2, np.uint8), 1 << 40))


def test_codewords_of_fifteen_bits_and_millions_of_symbols() -> None:
    symbols = np.minimum(np.random.default_rng(1).geometric(0.3, 2_000_000), 60).astype(np.uint8)
    lengths = huffman.code_lengths(np.bincount(symbols, minlength=64))
    assert lengths.max() == 15
    asked = request(huffman.encode(symbols, lengths), lengths, symbols.size)
    assert np.array_equal(run(asked)[0].data, symbols)
