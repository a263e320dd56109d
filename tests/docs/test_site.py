from qref.vectors import data

ROOT = data.checkout()


def test_every_chapter_has_its_page_and_stands_in_the_navigation() -> None:
    assert ROOT is not None
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    for chapter in sorted(path.name for path in (ROOT / "spec").glob("*.md")):
        page = ROOT / "docs" / "spec" / chapter
        assert page.read_text(encoding="utf-8") == f'--8<-- "spec/{chapter}"\n'
        assert f"spec/{chapter}" in navigation
