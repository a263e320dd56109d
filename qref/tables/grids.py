"""Optimal steps and errors of every grid, beside the published ones."""

from collections.abc import Iterator
from decimal import Decimal, localcontext

from qref.quantizers.distributions import CONTEXT, pi
from qref.quantizers.lloyd_max import lloyd_max
from qref.quantizers.optimal_step import optimal_step
from qref.tables.published_grids import HWGQ, TABLE_I, TABLE_II
from qref.tables.table import Cell, Table

COLUMNS = (
    "distribution",
    "grid",
    "levels",
    "step",
    "mse",
    "printed_step",
    "step_off",
    "printed_mse",
    "mse_off",
    "printed_in",
)
SOURCE = (
    "qref.quantizers.optimal_step and lloyd_max, 40 digits. normal and laplace have variance 1, half-normal is |x| and "
    "half-wave max(0, x) of the unit normal x; half-normal-1 is |x| scaled to variance 1 itself. …_off: ours less the "
    "printed number, in units of its last digit. Max, Quantizing for minimum distortion, 1960, Tables I and II, as "
    "they are cited (the printed pages were not at hand): the steps are right to the last digit, but for that of 26 "
    "levels, 0.2240 in place of 0.22405; the errors are too small by 3.6 to 6.3 units of 10⁻⁶ where six decimals are "
    "printed, and with five some are a unit too low for it. HWGQ: Cai et al. 2017 and EdMIPS: three of its four steps "
    "are 0.8 to 1.1 units of 10⁻³ off the optimum, the one with four digits is right"
)
BITS = range(1, 9)


def grids() -> Table:
    """A row a distribution, grid and number of levels: Max's 2 to 36, and those of 1 to 8 bits."""
    digits = {"levels": 0, "step": 12, "mse": 15, "step_off": 2, "mse_off": 2}
    return Table("grids", COLUMNS, tuple(rows()), SOURCE, digits)


def rows() -> Iterator[tuple[Cell, ...]]:
    """The normal first, as far as Max goes and on to 8 bits."""
    for levels in sorted({*range(2, 37), *(1 << n for n in BITS), *((1 << n) - 1 for n in BITS if n > 1)}):
        grid = "signed" if levels % 2 else "mid-rise"
        yield equally_spaced("normal", grid, levels, TABLE_II.get(levels, (None, None)), "Max 1960, Table II")
    for levels in sorted({*range(2, 37), *(1 << n for n in BITS)}):
        yield free("normal", levels, TABLE_I.get(levels), "Max 1960, Table I")
    for n in BITS:
        if n > 1:
            yield equally_spaced("laplace", "signed", (1 << n) - 1)
        yield equally_spaced("laplace", "mid-rise", 1 << n)
        yield free("laplace", 1 << n)
    for source in ("half-normal", "half-wave"):
        for n in BITS:
            yield equally_spaced(source, "unsigned", 1 << n)
    for n in BITS:
        yield free("half-normal", 1 << n)
    for n in BITS:
        yield scaled(1 << n)
    for n in BITS:
        yield equally_spaced("half-wave", "hwgq", 1 << n, (HWGQ.get(1 << n), None), "HWGQ, 0 for x ≤ 0 alone")


def equally_spaced(
    source: str, grid: str, levels: int, printed: tuple[str | None, str | None] = (None, None), where: str = ""
) -> tuple[Cell, ...]:
    """A row of a grid with a step."""
    found = optimal_step(source, grid, levels)
    step, mse = printed
    shown = where if step or mse else None
    numbers = float(found.step), float(found.mse), *beside(found.step, step), *beside(found.mse, mse)
    return source, grid, levels, *numbers, shown


def scaled(levels: int) -> tuple[Cell, ...]:
    """A row of the half-normal divided by its own standard deviation, √(1 − 2/π)."""
    found = optimal_step("half-normal", "unsigned", levels)
    with localcontext(CONTEXT):
        variance = 1 - 2 / pi()
        step, mse = found.step / variance.sqrt(), found.mse / variance
    return "half-normal-1", "unsigned", levels, float(step), float(mse), None, None, None, None, None


def free(source: str, levels: int, printed: str | None = None, where: str = "") -> tuple[Cell, ...]:
    """A row of Lloyd–Max levels, which have no step."""
    mse = lloyd_max(source, levels).mse
    return source, "lloyd-max", levels, None, float(mse), None, None, *beside(mse, printed), where if printed else None


def beside(ours: Decimal, printed: str | None) -> tuple[Cell, Cell]:
    """The printed number, and how many units of its last digit ours is above it."""
    if printed is None:
        return None, None
    places = len(printed.partition(".")[2])
    return printed, float((ours - Decimal(printed)).scaleb(places))
