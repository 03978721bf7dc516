"""Build the site: gather its sources, let Sphinx make pages of them, follow every link.

python docs/make_site.py              build/site/html/index.html; a warning or a broken link is an error
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import site_links
import site_pages

ROOT = Path(__file__).parent.parent
SITE = ROOT / "build" / "site"
LEFT_OUT = shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__", "*.py", "*.css")
TREE = [
    "docs",
    "notebooks",
    "exercises",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "INSTRUCTORS.md",
    "INSTRUCTORS.fr.md",
]  # laid out as here
BADGE = re.compile(r"\[!\[([^]]*)\]\(https?://[^)]*\)\]")  # a picture from another machine, in a link
BINDER = re.compile(r"\) (\[Binder\]\([^)]*\))")


def main():
    source, html = SITE / "source", SITE / "html"
    shutil.rmtree(SITE, ignore_errors=True)
    gather(source)
    command = [sys.executable, "-m", "sphinx", "-c", ROOT / "docs", "--fail-on-warning", "--keep-going", "--quiet"]
    run = subprocess.run([*command, source, html])
    if run.returncode:
        sys.exit(run.returncode)
    wrong = site_links.wrong(html)
    sys.exit("\n".join(wrong) if wrong else print(html / "index.html"))


def gather(source):
    """Lay out in the folder `source` all that the site is made of."""
    source.mkdir(parents=True)
    for name in TREE:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=LEFT_OUT)
        else:
            shutil.copy(ROOT / name, source)
    for path in source.glob("docs/index*.md"):
        first_page(path, source)
    for page in [*source.glob("INSTRUCTORS*.md"), source / "CONTRIBUTING.md"]:
        _rewrite(page, lambda text: text.replace("](README.md#without-make)", "](without_make.md)"))
    for page in source.glob("docs/*.md"):
        _rewrite(page, lambda text: text.replace("](index.md", "](../index.md"))
    for page in source.glob("notebooks/**/methods.md"):
        methods = os.path.relpath(source / "methods", page.parent).replace(os.sep, "/")
        _rewrite(page, lambda text, to=methods: re.sub(r"^\| `(\w+)` \|", rf"| [`\1`]({to}/\1.md) |", text, flags=re.M))
    for notebook in source.rglob("*.ipynb"):
        other = _in_the_other_language(notebook)
        _rewrite(notebook, lambda text, other=other: BINDER.sub(rf") · \1{other}", BADGE.sub(r"[\1]", text)))
    site_pages.write(source)


def first_page(path, source):
    """Move docs/index.md to index.md, and docs/index.fr.md to fr/index.md."""
    language = Path(path.stem).suffix[1:]
    there = source / language / "index.md"
    there.parent.mkdir(exist_ok=True)
    places = {"index.md": "index.md", "index.fr.md": "fr/index.md"}

    def link(found):
        goal = os.path.normpath(source / "docs" / found[2])
        goal = source / places.get(found[2], goal)
        return found[1] + os.path.relpath(goal, there.parent).replace(os.sep, "/")

    path.rename(there)
    _rewrite(there, lambda text: re.sub(r"(\]\()(?!https?:|#)([^)#]+)", link, text))


def _in_the_other_language(notebook):
    """The link to the same lesson or lab in the other language, where it is there."""
    french = "fr" in notebook.parts
    parts = list(notebook.parts)
    if french:
        parts.remove("fr")
    else:
        parts.insert(len(parts) - (1 if notebook.parent.name == "notebooks" else 2), "fr")
    there = Path(*parts)
    link = Path(os.path.relpath(there, notebook.parent)).as_posix()
    return f" · [{'in English' if french else 'en français'}]({link})" if there.is_file() else ""


def _rewrite(path, change):
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
