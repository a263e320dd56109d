"""The table of binary networks: printed cells as printed, ours from shapes."""

import itertools
import json
import math
from typing import Any

import pytest
from typer.testing import CliRunner

from qref.cli.main import app
from qref.tables.binary_methods import (
    ACCURACY,
    NETWORKS,
    SAVING,
    binary_methods,
    binary_operations,
    float_operations,
    formula,
    half_of_the_rows,
    signs_alone,
    signs_and_scales,
)

TABLE = binary_methods()


def cells(table: str, network: str, method: str) -> dict[str, Any]:
    """Printed and own numbers by quantity."""
    return {row[3]: row[4:] for row in TABLE.rows if row[:3] == (table, network, method)}


def test_printed_cells_stand_as_the_seed_has_them() -> None:
    assert [len(methods) for methods in ACCURACY.values()] == [5, 5]
    assert cells("accuracy", "AlexNet", "BinaryConnect") == {"top-1 %": (35.4, None), "top-5 %": (61.0, None)}
    assert cells("accuracy", "ResNet-18", "BWNH") == {"top-1 %": (64.3, None), "top-5 %": (85.9, None)}
    assert [tuple(SAVING[name]) for name in SAVING] == [(1, 1, 56.7), (32, 2, 56.8), (32, 58, 44.2)]


def test_savings_come_near_the_printed_ones() -> None:
    binary, xnor = cells("xnor-net", "AlexNet", "binary weights"), cells("xnor-net", "AlexNet", "XNOR-Net")
    assert binary["memory saving"] == (32, pytest.approx(31.83, abs=0.005))
    assert binary["computation saving"] == (2, pytest.approx(2, abs=0.001))
    assert xnor["computation saving"][0] == 58 and 50 < xnor["computation saving"][1] < 64
    assert formula(256, 9) == pytest.approx(62.27, abs=0.005)  # the number that XNOR-Net section 4.1 names


def test_networks_have_the_weights_and_lengths_that_they_are_known_by() -> None:
    weights = {name: sum(math.prod(one.w) for one in layers) for name, layers in NETWORKS.items()}
    assert weights == {"AlexNet": 62_367_776, "ResNet-18": 11_678_912}
    for layers in NETWORKS.values():
        assert layers[-1].shapes.output == (1, 1000, 1, 1)
        for before, after in itertools.pairwise(layers):
            if "shortcut" not in before.name + after.name:
                assert after.x[1] == before.w[0]


@pytest.mark.parametrize("shape", [(3, 2, 1, 1), (5, 3, 3, 3), (4, 7)])
def test_sizes_are_those_of_bytes(shape: tuple[int, ...]) -> None:
    for scheme in (signs_alone, signs_and_scales, half_of_the_rows):
        encoded = scheme(shape)
        assert encoded.bits == 8 * len(encoded.packed())


def test_binary_operations_of_a_layer_by_hand() -> None:
    """conv3 of AlexNet: 4 words of 64 channels a tap, 37² pairs of windows and taps along both axes, and the floats."""
    shapes = NETWORKS["AlexNet"][2].shapes
    assert shapes.geometry.touched((13, 13)) == 37**2
    floats = 256 * 13**2 + 13**2 * 9 + 2 * 384 * 13**2
    assert binary_operations(shapes) == 2 * 384 * 37**2 * 4 + floats
    assert float_operations(shapes) == 2 * 384 * 256 * 37**2


def test_the_command_prints_it() -> None:
    done = CliRunner().invoke(app, ["table", "binary-methods", "--json"])
    assert done.exit_code == 0
    printed = json.loads(done.stdout)
    assert printed["columns"] == ["table", "network", "method", "quantity", "seed", "ours"]
    assert len(printed["rows"]) == len(TABLE.rows)
