"""Operations and bytes of AlexNet's layers by look-up tables, and what Quantized-CNN's authors state of them."""

from qref.codebooks.lookup_tables import ALEXNET, LookupCost, total
from qref.tables.table import Cell, Table

COLUMNS = ("layer", "d", "K", "operations", "by tables", "speed-up", "bytes", "as codes", "compression")
SOURCE = (
    "Wu 2016, table 1, on the settings of the authors' published AlexNet (headers of its ctrdLst files); the authors' "
    "README states a theoretical speed-up of 4.15 for it, and 3.03 measured against Caffe on a Core i7-4790K"
)


def lookup_costs() -> Table:
    """A row a layer, and one for all."""
    rows = [row(name, layer.d, layer.values, layer.cost) for name, layer in ALEXNET.items()]
    rows.append(row("all", "", "", total(ALEXNET.values())))
    digits = dict.fromkeys(("d", "K", "operations", "by tables", "bytes", "as codes"), 0)
    return Table("lookup-costs", COLUMNS, tuple(rows), SOURCE, digits | {"speed-up": 2, "compression": 2})


def row(name: str, d: Cell, values: Cell, cost: LookupCost) -> tuple[Cell, ...]:
    """A layer's cells."""
    sizes = (cost.bytes, float(cost.as_codes), cost.compression)
    return (name, d, values, cost.operations, cost.by_tables, cost.speed_up, *sizes)
