"""The seed's table of energy beside the model that extrapolates it, and the ten layers by it."""

from qref.conv.energy import (
    SEED,
    Arithmetic,
    Energy,
    Price,
    added,
    addition,
    floats,
    integers,
    multiplication,
    multiplied,
    of_model,
    powers,
    shifting,
    signs,
)
from qref.conv.ten_layers import TEN_LAYERS
from qref.tables.table import Cell, Table

SEED_SOURCE = (
    'seed, lines 370-380, "More Energy Efficient"; Horowitz, "Computing\'s energy problem", 2014, 45 nm, 0.9 V'
)
MODEL = {f"{bits}b Add": added(bits) for bits in (8, 16, 32)} | {
    f"{bits}b Mult": multiplied(bits, bits) for bits in (8, 32)
}
"""What full adders give where the seed prints a number, in pJ."""
ARITHMETICS: tuple[Arithmetic, ...] = (floats(32), integers(8, 8), integers(4, 4), powers(8, 4), signs())
"""What the ten layers are shown with."""


def extrapolated() -> dict[str, Price]:
    """Operations that the seed's table lacks."""
    binary = signs()
    word = {f"32b {name} read, a bit of it": Price(SEED[key] / 32, "extrapolated") for name, key in MEMORIES.items()}
    return (
        {f"{bits}b Add": addition(bits) for bits in (4, 12, 24)}
        | {f"{x}b · {w}b Mult": multiplication(x, w) for x, w in ((16, 16), (8, 4), (8, 2), (4, 4), (2, 2), (1, 1))}
        | {f"{bits}b Shift by 0 to 6": shifting(bits, 7) for bits in (8, 16)}
        | {"xnor, a bit": binary.product, "popcount and sum, a bit of 64": binary.sum}
        | word
    )


MEMORIES = {"SRAM": "32b SRAM Read (8KB)", "DRAM": "32b DRAM Read"}


def energy() -> Table:
    """The seed's eleven operations, the model beside them where it has a number, and what is extrapolated.

    off: how far the model is from the seed's number, in per cent of it.
    """
    rows: list[tuple[Cell, ...]] = []
    for operation, pj in SEED.items():
        model = MODEL.get(operation)
        rows.append((operation, pj, "seed", model, None if model is None else round(100 * (model / pj - 1), 9)))
    for operation, price in extrapolated().items():
        rows.append((operation, price.pj, price.whose, price.pj, None))
    columns = ("operation", "pj", "whose", "model_pj", "off")
    source = f"{SEED_SOURCE}; model: qref.conv.energy"
    return Table("energy", columns, tuple(rows), source, {"pj": 4, "model_pj": 4, "off": 1})


def energy_layers() -> Table:
    """µJ of each of the ten layers and of all together: arithmetic, SRAM, DRAM; saving: float32's total over it.

    whose: of the prices of products and sums. A bit of memory is always a 32nd of the seed's word.
    """
    columns = ("layer", "arithmetic", "whose", "products", "arithmetic_uj", "sram_uj", "dram_uj", "total_uj", "saving")
    rows: list[tuple[Cell, ...]] = []
    layers = {name: [layer.shapes] for name, layer in TEN_LAYERS.items()}
    layers["all ten"] = [layer.shapes for layer in TEN_LAYERS.values()]
    for name, shapes in layers.items():
        base = of_model((one, ARITHMETICS[0]) for one in shapes)
        products = sum(one.touched for one in shapes)
        for arithmetic in ARITHMETICS:
            found = of_model((one, arithmetic) for one in shapes)
            rows.append(
                (name, arithmetic.name, arithmetic.whose, products, *microjoules(found), base.total / found.total)
            )
    source = f"qref.conv.energy on qref.conv.ten_layers; prices: {SEED_SOURCE}, and extrapolated"
    digits = {"products": 0, "arithmetic_uj": 1, "sram_uj": 1, "dram_uj": 1, "total_uj": 1, "saving": 1}
    return Table("energy-layers", columns, tuple(rows), source, digits)


def microjoules(found: Energy) -> tuple[float, float, float, float]:
    """Parts and total."""
    return tuple(pj / 1e6 for pj in (found.arithmetic, found.sram, found.dram, found.total))  # type: ignore[return-value]
