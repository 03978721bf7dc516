"""The frame of French pages in French: their menu, their search, and the words around the text.

The theme has no French catalogue. What Sphinx has in French, the words of a search, comes from its own.
"""

import re
from pathlib import Path

import sphinx
from sphinx import addnodes
from sphinx.environment.adapters.toctree import TocTree

FIRST, SEARCH = "fr/index", "recherche"
SCRIPT = Path(sphinx.__file__).parent / "locale" / "fr" / "LC_MESSAGES" / "sphinx.js"
WORDS = {
    "Auto light/dark, in dark mode": "Clair ou sombre comme le système, sombre à présent",
    "Auto light/dark, in light mode": "Clair ou sombre comme le système, clair à présent",
    "Back to top": "Haut de la page",
    "Contents": "Sommaire",
    "Copyright &#169; the authors of tp_visualisation": "Copyright &#169; les auteurs de tp_visualisation",
    "Dark mode": "Sombre",
    "Error": "Erreur",
    "Expand": "Déplier",
    "Home": "Accueil",
    "Light mode": "Clair",
    "Link to this heading": "Lien vers ce titre",
    "Made with": "Fait avec",
    "Next": "Suivant",
    "On this page": "Sur cette page",
    "Please activate JavaScript to enable the search functionality.": "La recherche a besoin de JavaScript.",
    "Previous": "Précédent",
    "Search": "Rechercher",
    "Skip to content": "Aller au contenu",
    "Source code": "Code source",
    "Toggle Light / Dark / Auto color theme": "Clair, sombre, ou comme le système",
    "Toggle site navigation sidebar": "Montrer ou cacher le menu",
    "Toggle table of contents sidebar": "Montrer ou cacher le sommaire",
}
SAID = re.compile(rf"([>\"]\s*)({'|'.join(map(re.escape, sorted(WORDS, key=len, reverse=True)))})(?=\s*[<\"]| - )")
HEADING = 'title="Link to this heading"'


def setup(app):
    """Let Sphinx call what is below. The theme makes its menu at priority 500, from `toctree`."""
    app.connect("html-collect-pages", lambda app: [(SEARCH, {}, "search.html")])
    app.connect("html-page-context", _context, priority=400)
    app.connect("build-finished", _translate)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def is_french(page):
    """Tell whether a page, named as Sphinx names it, is read in French."""
    return "fr" in page.split("/") or page.endswith(".fr") or page == SEARCH


def in_french(html):
    """Return a page with the words of its frame in French; of its article, what the theme adds to headings."""
    before, article, after = re.fullmatch(r"(.*?)(<article.*</article>)(.*)", html, re.DOTALL).groups()
    before, after = (SAID.sub(lambda found: found[1] + WORDS[found[2]], part) for part in (before, after))
    before = re.sub(r'((?:\.\./)*)search\.html"', rf'\1{SEARCH}.html"', before)
    return before + article.replace(HEADING, SAID.sub(lambda found: found[1] + WORDS[found[2]], HEADING)) + after


def _context(app, page, template, context, doctree):
    context["language"] = "fr" if is_french(page) else "en"  # for the browser, screen readers, search engines
    if is_french(page):
        context["master_doc"] = FIRST
        context["toctree"] = lambda **options: _menu(app.builder, page)
        app.add_js_file(SCRIPT.name)


def _menu(builder, page):
    """The menu of the French first page, with a way back to all that there is in English."""
    trees = builder.env.get_doctree(FIRST).findall(addnodes.toctree)
    find = TocTree(builder.env).resolve
    menus = [find(page, builder, tree, titles_only=True, includehidden=True) for tree in trees]
    ways = {"Accueil": builder.get_relative_uri(page, FIRST), "In English": builder.get_relative_uri(page, "index")}
    items = "".join(f'<li class="toctree-l1"><a href="{to}">{said}</a></li>' for said, to in ways.items())
    return f"<ul>{items}</ul>" + "".join(builder.render_partial(menu)["fragment"] for menu in menus)


def _translate(app, error):
    if not error:
        for page in filter(is_french, [*app.env.all_docs, SEARCH]):
            path = Path(app.outdir, f"{page}.html")
            path.write_text(in_french(path.read_text(encoding="utf-8")), encoding="utf-8")
