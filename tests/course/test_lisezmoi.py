"""LISEZMOI.md is written by hand, and keeps up with the README."""

import re
import sys
from pathlib import Path

from .labs import ROOT

sys.path.insert(0, str(ROOT / "tools"))
import translations
from proofreading import typeset


def test_the_french_readme_has_the_lessons_labs_and_questions_of_the_english_one():
    row = re.compile(r"^\| (\d) \| \[.*?\]\((.*?)\) \| \[(.*?)\]\((.*?)\) \| (\S+) \|", re.MULTILINE)
    english, text = (ROOT / "README.md").read_text(encoding="utf-8"), (ROOT / "LISEZMOI.md").read_text(encoding="utf-8")
    assert len(row.findall(text)) == 8
    assert [tuple(cell.replace("/fr/", "/") for cell in cells) for cells in row.findall(text)] == row.findall(english)
    pages = {Path(page).stem for page in translations.PAGES}
    assert all(f"/fr/{name}" in text for name in translations.sources(ROOT).keys() - pages)
    assert all((ROOT / link).is_file() for _, link in translations.LINK.findall(text))
    assert "](LISEZMOI.md)" in english
    assert typeset(text) == text
