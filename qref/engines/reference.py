"""The reference implementation as an engine: the same road as every other, so that the runner judges it too."""

from qref.engines.protocol import Hello
from qref.engines.serve import serve
from qref.engines.versions import qref_version


def main() -> None:
    from qref.ops import run

    serve(lambda: Hello("reference", qref_version()), run)


if __name__ == "__main__":
    main()
