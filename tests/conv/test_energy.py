"""Energy: the seed's table, what is extrapolated from it, and the counts of a layer."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qref.conv import Geometry, Shapes
from qref.conv.energy import (
    FULL_ADDER,
    SEED,
    Counts,
    added,
    addition,
    counts,
    energy,
    floats,
    integers,
    multiplication,
    multiplied,
    of_layer,
    of_model,
    planes,
    powers,
    shifting,
    signs,
)
from qref.conv.ten_layers import TEN_LAYERS
from qref.errors import UsageError
from qref.tables import TABLES

PRINTED = """8b Add 0.03, 16b Add 0.05, 32b Add 0.1, 16b FP Add 0.4, 32b FP Add 0.9, 8b Mult 0.2, 32b Mult 3.1,
16b FP Mult 1.1, 32b FP Mult 3.7, 32b SRAM Read (8KB) 5, 32b DRAM Read 640"""
"""The seed's, typed once more."""
SMALL = Shapes((1, 2, 3, 3), (4, 2, 3, 3), Geometry((3, 3), (1, 1), (1, 1), (1, 1), (1, 1)))


def test_the_seeds_table() -> None:
    printed = dict(entry.rsplit(maxsplit=1) for entry in PRINTED.replace("\n", " ").split(", "))
    assert {name: float(pj) for name, pj in printed.items()} == SEED
    rows = {row[0]: row for row in TABLES["energy"][1]().rows}
    assert all(rows[name][1:3] == (pj, "seed") for name, pj in SEED.items())
    assert {row[2] for row in rows.values()} == {"seed", "extrapolated"}


def test_the_seeds_number_comes_first() -> None:
    assert addition(8).pj == 0.03 and multiplication(32, 32).pj == 3.1
    assert {price.whose for price in (addition(8), addition(16), addition(32), multiplication(8, 8))} == {"seed"}
    assert (floats(16).product.pj, floats(16).sum.pj) == (1.1, 0.4)
    assert (floats(32).product.pj, floats(32).sum.pj) == (3.7, 0.9)
    assert (integers(8, 8).product.pj, integers(8, 8).sum.pj) == (0.2, 0.1)


def test_how_far_the_model_is_from_the_seed() -> None:
    """Exact at 16 and 32 bits of addition and 8 of multiplication; 3.2 and −16.7 per cent off at the others."""
    assert added(16) == 0.05 and added(32) == 0.1 and multiplied(8, 8) == pytest.approx(0.2, abs=1e-15)
    assert multiplied(32, 32) / 3.1 - 1 == pytest.approx(1 / 31)
    assert added(8) / 0.03 - 1 == pytest.approx(-1 / 6)
    rows = {row[0]: row[4] for row in TABLES["energy"][1]().rows}
    off = {name: value for name, value in rows.items() if value is not None}
    assert {name: round(value, 1) for name, value in off.items()} == {
        "8b Add": -16.7,
        "16b Add": 0,
        "32b Add": 0,
        "8b Mult": 0,
        "32b Mult": 3.2,
    }


@given(st.integers(1, 64), st.integers(1, 64))
def test_widths_between(n: int, m: int) -> None:
    assert Fraction(added(n)).limit_denominator(10**6) == Fraction(n, 320)
    assert Fraction(multiplied(n, m)).limit_denominator(10**6) == Fraction(n * m, 320)
    price = multiplication(n, m)
    assert (price.whose == "seed") == ((n, m) in ((8, 8), (32, 32)))
    assert price.whose == "seed" or price.pj == multiplied(n, m)
    assert multiplication(m, n) == price
    assert addition(n).whose == ("seed" if n in (8, 16, 32) else "extrapolated")


def test_shifters_and_signs() -> None:
    """Seven distances are three stages, of 8 + 6 multiplexers each; one distance is no shifter at all."""
    assert shifting(8, 7).pj == pytest.approx(14 * 3 * FULL_ADDER / 3)
    assert shifting(8, 1).pj == 0
    assert powers(8, 4).product == shifting(8, 7) and powers(8, 4).sum == addition(32)
    assert shifting(8, 7).pj < multiplication(8, 4).pj < multiplication(8, 8).pj
    one = signs().product.pj + signs().sum.pj
    assert one == pytest.approx(2 / 320 + 0.1 / 64)
    assert planes(3, 2).product.pj + planes(3, 2).sum.pj == pytest.approx(6 * one)
    assert planes(8, 8).product.pj + planes(8, 8).sum.pj > integers(8, 8).product.pj + integers(8, 8).sum.pj


def test_the_counts_of_a_layer() -> None:
    done = counts(SMALL, integers(8, 4))
    taps = 2 * 4 * 49  # 49 = 7² pairs of an output and a tap on the image
    assert done == Counts(taps, taps, taps * 12 + 36 * 8, (18 + 36) * 8 + 72 * 4)
    assert SMALL.touched == taps


@given(st.tuples(*[st.integers(0, 10**9)] * 4))
def test_energy_is_linear_in_counts(numbers: tuple[int, int, int, int]) -> None:
    done, arithmetic = Counts(*numbers), floats(32)
    found = energy(done, arithmetic)
    expected = (numbers[0] * 3.7 + numbers[1] * 0.9, numbers[2] * 5 / 32, numbers[3] * 20)
    assert (found.arithmetic, found.sram, found.dram) == pytest.approx(expected)
    assert found.total == pytest.approx(sum(expected))


def test_a_model_is_the_sum_of_its_layers() -> None:
    layers = [(TEN_LAYERS["conv1"].shapes, floats(32)), (TEN_LAYERS["conv7"].shapes, integers(4, 2)), (SMALL, signs())]
    found = of_model(layers)
    each = [of_layer(*layer) for layer in layers]
    assert found.total == pytest.approx(math.fsum(one.total for one in each))
    assert found.dram == pytest.approx(math.fsum(one.dram for one in each))
    assert of_model([]).total == 0


def test_fewer_bits_cost_less() -> None:
    shapes = TEN_LAYERS["conv3"].shapes
    kinds = (floats(32), floats(16), integers(8, 8), integers(8, 4), integers(4, 4), integers(2, 2), signs())
    totals = [of_layer(shapes, arithmetic).total for arithmetic in kinds]
    assert totals == sorted(totals, reverse=True)


def test_what_the_page_says_of_the_ten_layers() -> None:
    rows = {(row[0], row[1]): row for row in TABLES["energy-layers"][1]().rows}
    assert len(rows) == 11 * 5
    assert pytest.approx(15.3, abs=0.1) == (3.7 + 0.9) / (0.2 + 0.1)
    assert rows["all ten", "int8"][-1] == pytest.approx(5, abs=0.1)
    assert {row[1] for row in rows.values() if row[2] == "seed"} == {"float32", "int8"}


def test_what_is_refused() -> None:
    with pytest.raises(UsageError, match="floats of 8 bits"):
        floats(8)
    for widths in ((0, 8), (8, 0)):
        with pytest.raises(UsageError, match="a width of 0 bits"):
            integers(*widths)
    with pytest.raises(UsageError, match="a width of 0 bits"):
        powers(8, 1)
