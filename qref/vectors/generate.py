"""Writing the vectors: suites from the generators, the manifest, and on request the record of published answers."""

from collections.abc import Sequence
from pathlib import Path

from qref.errors import BadVectors
from qref.vectors import errata, manifest, schema, suite_json
from qref.vectors.case import Suite


def files(folder: Path, suites: Sequence[Suite], publish: bool = False) -> dict[Path, bytes]:
    """What the files of `folder` (conformance/) hold for these suites.

    Raises:
        BadVectors: the suites do not carry one version, two cases share an id, or a case breaks the schema.
    """
    versions = {suite.version for suite in suites}
    if len(versions) != 1:
        raise BadVectors(f"the suites carry the versions {', '.join(sorted(versions))}: give them one")
    suite_json.unique((case for suite in suites for case in suite.cases), "the generators")
    version = versions.pop()
    content = {folder / "vectors" / f"{suite.name}.json": suite_json.dump(suite) for suite in suites}
    for path, raw in content.items():
        schema.check(schema.parse(raw, path.name), suite_json.SCHEMA, path.name)
    digests = {path.relative_to(folder).as_posix(): manifest.digest(raw) for path, raw in content.items()}
    for name in manifest.covered(folder):
        if not name.startswith("vectors/"):
            digests[name] = manifest.sha256(folder / name)
    content[folder / manifest.NAME] = manifest.dump(version, digests)
    if publish:
        content[folder / "published.json"] = errata.dump(suites, version)
    return content


def write(content: dict[Path, bytes]) -> None:
    """Writes the files; a suite that no generator makes any more goes."""
    for path, raw in content.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
    folders = {path.parent for path in content if path.parent.name == "vectors"}
    for stale in (path for folder in folders for path in folder.glob("*.json") if path not in content):
        stale.unlink()
