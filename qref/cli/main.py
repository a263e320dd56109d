"""The command line. Each command stands in a file of its own; here they meet, and errors become one line."""

import os
import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from qref.cli import compress, conform, engines, figure, quantize, requantize, show, table
from qref.errors import QrefError

# Groups of commands whose modules import much: loaded when called, so that the program starts at once.
GROUPS = {"vectors": "qref.cli.vectors", "spec": "qref.cli.spec", "bench": "qref.cli.bench"}


class _Commands(TyperGroup):
    """The commands, those of GROUPS as one line of help until they are called."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] in GROUPS:
            self.add_command(_group(args[0]))
        return super().resolve_command(ctx, args)


def _group(name: str) -> Any:
    """The click command of a group in GROUPS."""
    parent = typer.Typer(add_completion=False)
    parent.add_typer(import_module(GROUPS[name]).app, name=name)
    return typer.main.get_group(parent).commands[name]


app = typer.Typer(
    name="qref",
    cls=_Commands,
    help="Conformance for quantized inference engines.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("conform")(conform.conform)
app.command("engines")(engines.engines)
app.command("show")(show.show)
app.command("requantize", context_settings={"ignore_unknown_options": True})(requantize.requantize)
app.command("quantize")(quantize.quantize)
app.command("compress")(compress.compress)
app.command("table")(table.table)
app.command("figure")(figure.figure)


@app.command("vectors")
def _vectors() -> None:
    """The conformance vectors: what there is, and that it holds."""


@app.command("spec")
def _spec() -> None:
    """The spec: its requirements, and what holds them."""


@app.command("bench")
def _bench() -> None:
    """Timing: the fast paths, beside other engines."""


def _version(asked: bool) -> None:
    if asked:
        from qref.engines.versions import qref_version

        print(f"qref {qref_version()}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """The program `qref`."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal without "→" must not end a run
    try:
        app()
    except QrefError as error:
        print(f"qref: {error}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        # Whoever read has gone, `qref … | head`; Python would complain once more while it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:  # a full disk behind standard output, say
        print(f"qref: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
