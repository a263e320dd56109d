"""`qref requantize`: one accumulator by every profile."""

from typing import Annotated

import typer


def requantize(
    accumulator: Annotated[str, typer.Argument(help="An int32 accumulator.", metavar="ACC")],
    scale: Annotated[str, typer.Option(help="x_scale, rounded to float32; the other scales are 1.", metavar="S")],
    zero_point: Annotated[str, typer.Option(help="The output's zero point.", metavar="Z")],
    dtype: Annotated[str, typer.Option(help="int8, uint8, int16 or uint16.", metavar="T")] = "int8",
) -> None:
    """Requantize one accumulator: every profile's derived numbers and result, side by side."""
    from qref.judge.show import show_requantize

    show_requantize(accumulator, scale, zero_point, dtype)
