"""Pages of the site that are written by a program: the methods, the names of the package, the command line."""

import inspect
import re
import subprocess
import sys
from pathlib import Path

import plain_formulas
from draw_methods import SAMPLES

import tp_visualisation as tpv

ROOT = Path(__file__).parent.parent
MENU = {
    "Use it": [
        "/docs/photograph",
        "The explorer </docs/explorer>",
        "/docs/own_network",
        "/methods/index",
        "/docs/networks",
        "/command_line",
        "/docs/cluster",
    ],
    "Learn": [
        "/notebooks/index",
        "/exercises/index",
        "/notebooks/methods",
        "/notebooks/glossary",
        "/notebooks/project",
        "En français </fr/index>",
    ],
    "Teach": ["/INSTRUCTORS"],
    "Work on it": ["/CONTRIBUTING", "/without_make", "/docs/design", "/api/index", "/docs/benchmarks", "/CHANGELOG"],
}
SOUGHT = {  # what a reader types whose words are not those of the title
    "docs/own_network.md": "use my own network, my network, use my own model, own model, my model, custom network,"
    "custom model, PyTorch, black box, regression, segmentation, SavedModel, mon réseau, mon modèle",
    "docs/photograph.md": "my own photo, my photo, explain my photo, my own image, my image, my picture, ma photo",
    "INSTRUCTORS.md": "grade a lab, grading, marking, gradebook, Moodle, Canvas",
    "INSTRUCTORS.fr.md": "noter un TP, corriger un TP",
    "CONTRIBUTING.md": "add a method, new method, my own method",
    "index.md": "install, installation, Colab, Binder",
    "fr/index.md": "installer",
}
ROOMS = ["saliency", "adversarial", "class_model", "evaluation", "plotting", "quadtree", "maps", "images", "course"]
FIRST = ["load_classifier", "load_image", "sample_images"]


def write(source):
    """Write the pages into `source`, the folder of the site's sources, and the menu into the first page."""
    for folder in ("methods", "api"):
        (source / folder).mkdir()
    said, facts = sentences(), table()
    (source / "methods" / "index.md").write_text(gallery(said), encoding="utf-8")
    for name, method in tpv.saliency.METHODS.items():
        (source / "methods" / f"{name}.md").write_text(method_page(name, method, said[name], facts[name]), "utf-8")
    (source / "api" / "index.md").write_text(names(), encoding="utf-8")
    for room in ROOMS:
        (source / "api" / f"{room}.md").write_text(room_page(room), encoding="utf-8")
    (source / "command_line.md").write_text(command_line(), encoding="utf-8")
    (source / "without_make.md").write_text(without_make(), encoding="utf-8")
    for title, folder, pattern in (("Lessons", "notebooks", "*.ipynb"), ("Labs", "exercises", "tp*/*.ipynb")):
        page = contents(title, source / folder, (source / folder).glob(pattern))
        (source / folder / "index.md").write_text(page, encoding="utf-8")
    for page, words in SOUGHT.items():
        title, text = (source / page).read_text(encoding="utf-8").split("\n", 1)
        (source / page).write_text(f"{title}\n\n{_index(words.split(','))}{text}", encoding="utf-8")
    with (source / "index.md").open("a", encoding="utf-8") as first:
        for caption, pages in MENU.items():
            first.write("\n" + "\n".join(_toctree(pages, f":caption: {caption}")) + "\n")
    with (source / "fr" / "index.md").open("a", encoding="utf-8") as first:
        for caption, pages in french(source).items():
            first.write("\n" + "\n".join(_toctree(pages, f":caption: {caption}")) + "\n")


def sentences():
    """Return method → what the README says of it in one sentence, with its paper."""
    rows = re.findall(r"^\| !\[\]\([^)]*\) \| `(\w+)` \| (.*) \|$", (ROOT / "README.md").read_text("utf-8"), re.M)
    return dict(rows)


def table():
    """Return method → {column: cell} of notebooks/methods.md."""
    lines = [line for line in (ROOT / "notebooks" / "methods.md").read_text("utf-8").splitlines() if line[:1] == "|"]
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0].strip("`"): dict(zip(head, row, strict=True)) for row in rows}


def gallery(said):
    """Return the page with every method on the three samples."""
    lines = [
        "# All methods, on three photographs",
        "",
        "Each picture leads to its method: what it computes, what it costs, when it misleads. The network is the one",
        "that comes with the package, the class the one that it finds most probable. Bright is much; where a map has",
        "a sign, white is 0. Which one first, on which networks? [All methods in one table](../notebooks/methods.md),",
        "[what works with what](../docs/networks.md).",
        "",
        *_row(f"![{sample}]({_picture(sample, 'photograph')})" for sample in SAMPLES),
    ]
    for name in tpv.saliency.METHODS:
        lines += [f"## [`{name}`]({name}.md)", "", f"{_capital(said[name])}.", ""]
        lines += _row(f"[![{name}, {sample}]({_picture(sample, name)})]({name}.md)" for sample in SAMPLES)
    return "\n".join([*lines, *_toctree(tpv.saliency.METHODS)]) + "\n"


def method_page(name, method, sentence, facts):
    """Return the page of one method: pictures, facts, the docstring of its file, its own docstring."""
    spoken = name.replace("_plus_plus", "++").replace("_", " ")
    lessons = {path.name[:2].lstrip("0"): path.name for path in sorted((ROOT / "notebooks").glob("*.ipynb"))}
    lesson = facts["lesson"]
    lesson = f"[{lesson}](../notebooks/{lessons[lesson]})" if lesson in lessons else "none"
    pictures = [f"![{sample}]({_picture(sample, 'photograph')})" for sample in SAMPLES]
    pictures += [f"![{name}, {sample}]({_picture(sample, name)})" for sample in SAMPLES]
    pictures = "\n".join(_row(pictures))
    module = re.sub(r"(https?://\S+?)(?=[.,)]*(\s|$))", r"<\1>", inspect.getmodule(method).__doc__)
    return f"""\
# `{name}`

{_index([f"{name} options", spoken, spoken.replace(" ", "-")])}
{_capital(sentence)}.

{pictures}
| | |
| --- | --- |
| needs | {facts["needs"]} |
| cost (f: a forward pass, fb: forward and backward) | {facts["cost"]} |
| how fine | {facts["how fine"]} |
| sees the class: r of its maps of two classes, near 1 if it does not | {facts["sees the class: r"]} |
| when it misleads | {facts["how it fails"]} |
| lesson | {lesson} |

Beside the others: [all methods in one table](../notebooks/methods.md). On other kinds of networks:
[what works with what](../docs/networks.md). Where to begin: [your photograph](../docs/photograph.md).

```
tpvis explain photo.jpg -m {name}
```

## What is computed

{plain_formulas.in_markdown(module)}

## Options

```{{eval-rst}}
.. autofunction:: tp_visualisation.saliency.{name}
```
"""


def names():
    """Return the page that leads to the public names, room by room."""
    lines = ["# Names of the package", "", "What `import tp_visualisation as tpv` gives, room by room.", ""]
    lines += ["```{eval-rst}"]
    lines += [
        f".. autofunction:: tp_visualisation.{name}" for name in ("load_classifier", "load_image", "sample_images")
    ]
    lines += [".. autoclass:: tp_visualisation.Classifier", "   :members:", "```", ""]
    lines += [f"- [`{room}`]({room}.md): {_summary(room)}" for room in ROOMS]
    return "\n".join([*lines, "", *_toctree(ROOMS)]) + "\n"


def room_page(room):
    """Return the page of one room of the package: all that its `__all__` names, or all that is public in its file."""
    there = f"tp_visualisation.{room}"
    left_out = f"\n   :exclude-members: {', '.join(tpv.saliency.METHODS)}" if room == "saliency" else ""
    methods = "\nThe methods have [pages of their own](../methods/index.md).\n" if room == "saliency" else ""
    return f"# `{room}`\n{methods}\n```{{eval-rst}}\n.. automodule:: {there}\n   :members:{left_out}\n```\n"


def contents(title, folder, notebooks):
    """Return a page of the folder `folder` that leads to notebooks in it."""
    pages = [path.relative_to(folder).with_suffix("").as_posix() for path in sorted(notebooks)]
    return "\n".join([f"# {title}", "", "```{toctree}", *pages, "```"]) + "\n"


def french(source):
    """Return {caption: pages} of what is there in French, without the first page, as a menu names it."""
    folders = {"Leçons": "notebooks/fr/*.ipynb", "TP": "exercises/fr/*/*.ipynb", "À côté": "notebooks/fr/*.md"}
    folders["Enseigner"] = "INSTRUCTORS.fr.md"
    return {
        caption: [f"/{path.relative_to(source).with_suffix('').as_posix()}" for path in sorted(source.glob(pattern))]
        for caption, pattern in folders.items()
    }


def command_line():
    """Return what the help of every command says, as Typer writes it in Markdown."""
    command = [sys.executable, "-m", "typer", "tp_visualisation.cli.app", "utils", "docs", "--name", "tpvis"]
    run = subprocess.run([*command, "--title", "The command line"], capture_output=True, cwd=ROOT, check=True)
    page = re.sub(r"Try: (tpvis .*)", r"Try: `\1`", run.stdout.decode("utf-8"))
    said = dict(re.findall(r"^## `tpvis ([\w-]+)`\n\n(.*)", page, re.M))  # the list has its beginnings only
    return re.sub(r"^\* `([\w-]+)`: .*", lambda row: _command(row, said), page, flags=re.M)


def without_make():
    """Return what the README says of systems without make."""
    return re.search(r"^#(# Without make\n.*?)^## ", (ROOT / "README.md").read_text("utf-8"), re.M | re.S)[1]


def _command(row, said):
    return f"* [`{row[1]}`](#tpvis-{row[1]}): {said[row[1]]}" if row[1] in said else row[0]


def _index(words):
    """The directive that leads from words in the index, and in the search, to this page before all others."""
    return f"```{{index}} {', '.join(f'! {word.strip()}' for word in dict.fromkeys(words))}\n```\n"


def _picture(sample, name):
    return f"../docs/figures/gallery/{sample}/{name}.jpg"


def _row(pictures):
    """Three pictures side by side; six, two rows of them. See site.css."""
    return ["::::{container} pictures", *pictures, "::::", ""]


def _capital(sentence):
    return sentence[0].upper() + sentence[1:]


def _summary(room):
    return inspect.getdoc(getattr(tpv, room)).splitlines()[0]


def _toctree(entries, *options):
    return ["```{toctree}", ":hidden:", *options, "", *entries, "```"]
