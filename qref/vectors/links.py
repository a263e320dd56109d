"""Links in Markdown that lead nowhere: to a file that does not exist, or to a heading that its page lacks."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

LINK = re.compile(r"(?<!!)\[(?:[^\[\]]|\[[^\]]*\])*\]\(<?([^()\s<>]*(?:\([^()\s]*\)[^()\s]*)*)>?(?:\s+\"[^\"]*\")?\)")
SNIPPET = re.compile(r'^-{1,}8<-{1,} "([^"]+)"', re.MULTILINE)
FENCE = re.compile(r"^( *)(```+|~~~+).*?^\1\2 *$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
HEADING = re.compile(r"^#{1,6}\s+(.+?)(?:\s+#+)?\s*$", re.MULTILINE)
EXPLICIT = re.compile(r"\{[^}]*#([\w:.-]+)[^}]*\}|\bid=\"([\w:.-]+)\"")


def dead(paths: Iterable[Path], root: Path) -> Iterator[str]:
    """One line for each link of the Markdown files `paths` that leads nowhere; addresses on the web are not asked."""
    for path in paths:
        for target in LINK.findall(without_code(expanded(path, root))):
            if re.match(r"[a-z][a-z0-9+.-]*:", target):
                continue
            file, _, anchor = target.partition("#")
            there = (path.parent / file).resolve() if file else path
            if not there.exists():
                yield f"{path.relative_to(root)}: {target} leads nowhere: there is no such file"
            elif anchor and there.suffix == ".md" and anchor not in anchors(there, root):
                yield f"{path.relative_to(root)}: {target} leads nowhere: no heading gives #{anchor}"


@cache
def anchors(path: Path, root: Path) -> frozenset[str]:
    """The ids that a page's headings, attributes and requirements give."""
    text = FENCE.sub("", expanded(path, root))
    found: set[str] = set()
    for title in HEADING.findall(text):
        slug, count = slugify(title), 0
        unique = slug
        while unique in found:
            count += 1
            unique = f"{slug}_{count}"
        found.add(unique)
    found.update(first or second for first, second in EXPLICIT.findall(text))
    found.update(id.lower() for id in re.findall(r"^\*\*(QREF-[A-Z]{2}-[0-9]{3})\*\*", text, re.MULTILINE))
    return frozenset(found)


def slugify(title: str) -> str:
    """A heading's id as Python-Markdown makes it."""
    plain = re.sub(r"\{[^}]*\}\s*$", "", title)
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", plain).replace("`", "").replace("*", "")
    ascii_only = plain.encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", ascii_only).strip().lower())


def expanded(path: Path, root: Path) -> str:
    """A page's text with the files that it includes."""
    text = path.read_text(encoding="utf-8")
    return SNIPPET.sub(lambda match: (root / match[1]).read_text(encoding="utf-8"), text)


def without_code(text: str) -> str:
    """The text without fenced blocks and code spans: what looks like a link there is none."""
    return CODE.sub("", FENCE.sub("", text))
