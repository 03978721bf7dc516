"""Sphinx's settings for the site. `python docs/make_site.py` gathers what it is made of, and builds it."""

import importlib.resources
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import formulas
import french
import plain_formulas

import tp_visualisation

PYPROJECT = (Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8")
(ADDRESS,) = re.findall(r'^Repository = "(.*)"$', PYPROJECT, re.MULTILINE)

project = "tp_visualisation"
copyright = "the authors of tp_visualisation"
release = version = tp_visualisation.__version__
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "formulas", "french"]
exclude_patterns = ["**/.ipynb_checkpoints"]

nb_execution_mode = "off"  # lessons are shown as they were saved
nb_ipywidgets_js = {}  # nothing from another machine
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_heading_anchors = 3
highlight_language = "none"
default_role = "code"  # `Classifier` in a docstring is code

autodoc_typehints = "none"  # the docstrings say more: shapes, ranges, units
autodoc_preserve_defaults = True
autodoc_member_order = "bysource"
napoleon_use_ivar = True
napoleon_use_rtype = False  # "float32 array (H, W), in units of probability" is prose

html_theme = "furo"
html_title = f"tp_visualisation {version}"
html_theme_options = {"footer_icons": [{"name": "Source code", "url": ADDRESS, "html": "Source code", "class": ""}]}
html_static_path = ["site.css", str(french.SCRIPT), str(importlib.resources.files("ziamath") / "fonts" / formulas.FONT)]
html_css_files = ["site.css"]
html_math_renderer = formulas.NAME
html_copy_source = False
html_show_sphinx = False


def setup(app):
    """Read the docstrings as they are written: plain text with `code` in it, not reStructuredText."""
    app.connect("autodoc-process-docstring", _as_rst, priority=1)  # before napoleon
    app.connect("autodoc-skip-member", _is_not_ours)


def _as_rst(app, what, name, obj, options, lines):
    for number, line in enumerate(lines):
        if not line.lstrip().startswith((">>>", "...")):
            line = plain_formulas.in_prose(line, ":math:`{}`", letters=False)
        line = re.sub(r"(:math:`[^`]*`)|(?<!\\)\|", lambda found: found[1] or r"\|", line)
        lines[number] = re.sub(r"(`[^`]+`)(\w?)", lambda code: "\\ ".join(filter(None, code.groups())), line)


def _is_not_ours(app, what, name, obj, skip, options):
    """Fields of a NamedTuple, which its docstring describes, and what a class has from its library."""
    return True if type(obj).__name__ == "_tuplegetter" or name == "set" else skip
