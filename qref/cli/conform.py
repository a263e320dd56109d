"""`qref conform`: judge an engine."""

from pathlib import Path
from typing import Annotated

import typer

Names = list[str]


def conform(
    engine: Annotated[
        str | None,
        typer.Argument(
            help="reference, numba, onnxruntime, onnx-reference, cmd:PROGRAM ARGS or answers:FILE", metavar="ENGINE"
        ),
    ] = None,
    suite: Annotated[Names | None, typer.Option(help="Only this suite.", metavar="NAME")] = None,
    op: Annotated[Names | None, typer.Option(help="Only this operator.", metavar="NAME")] = None,
    case: Annotated[
        Names | None, typer.Option(help="Only this case: id, key, beginning or glob.", metavar="ID")
    ] = None,
    profile: Annotated[str | None, typer.Option(help="Judge by this requantization profile.", metavar="P")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Acceptable counts as a fail.")] = False,
    expect: Annotated[Path | None, typer.Option(help="Expected results and their reasons (TOML).", metavar="F")] = None,
    require: Annotated[
        Names | None, typer.Option(help="Fail where this operator is unsupported.", metavar="OP")
    ] = None,
    repeat: Annotated[int, typer.Option(help="Ask each case N times.", min=1, metavar="N")] = 1,
    json: Annotated[Path | None, typer.Option(help="Where the report goes.", metavar="F")] = None,
    junit: Annotated[Path | None, typer.Option(help="Write JUnit XML for CI.", metavar="F")] = None,
    timeout: Annotated[float, typer.Option(help="Seconds for each case.", metavar="S")] = 10.0,
    jobs: Annotated[int, typer.Option(help="Engines at a time.", min=1, metavar="N")] = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where a killed run was.")] = False,
    requests: Annotated[
        Path | None, typer.Option(help="Write the requests instead, for answers made elsewhere.", metavar="F")
    ] = None,
) -> None:
    """Judge an engine by the vectors.

    Exit code: 0 all pass, 1 some fail, crash, time out or break the protocol, 2 could not run or nothing passed.
    """
    from qref.judge.command import Options, conform_command
    from qref.judge.run import Settings

    settings = Settings(
        profile, tuple(op or ()), tuple(case or ()), timeout, jobs, repeat, resume, Path() if requests is None else None
    )
    options = Options(suite, settings, strict, expect, tuple(require or ()), json, junit, requests)
    raise typer.Exit(conform_command(engine, options))
