"""A small site, built: formulas, French pages, and what the search finds first. `make site` builds all of it."""

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from chromium import BROWSER, OPTIONS

import tp_visualisation as tpv

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "docs"))

pytest.importorskip("sphinx", reason='no Sphinx here: pip install -e ".[site]"')

import french  # noqa: E402
import make_site  # noqa: E402

LEFT_OUT = ["notebooks/*.ipynb", "notebooks/fr/0[2-8]*", "exercises/tp*/*", "exercises/fr/tp[2-8]*/*", "api/*"]


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    """The site without most of its lessons and labs."""
    folder = tmp_path_factory.mktemp("site")
    make_site.gather(folder / "source")
    for pattern in LEFT_OUT:
        for path in (folder / "source").glob(pattern):
            path.unlink()
    options = ["-c", ROOT / "docs", "-Q", folder / "source", folder / "html"]
    # In a process of its own: autodoc changes the signatures of what it documents.
    subprocess.run([sys.executable, "-m", "sphinx", *map(str, options)], check=True)
    return folder / "html"


def read(html, page):
    return (html / f"{page}.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", tpv.saliency.METHODS)
def test_a_page_of_a_method_has_formulas(html, name):
    section = re.search(r'<section id="what-is-computed">(.*?)</section>', read(html, f"methods/{name}"), re.DOTALL)[1]
    assert '<div class="formula"><math' in section
    text = re.sub(r"<(math|code|a)\b.*?</\1>|<[^>]*>", "", section, flags=re.DOTALL)
    assert not re.findall(r"\w_\w|[Σ∂²³ᵏᵀ₀₁₂]|\$|\\", text)


def test_formulas_side_by_side_may_stand_below_each_other(html):
    assert re.search(r'<div class="formula">(<math(?:(?!<math).)*</math>){3}</div>', read(html, "methods/cameras"))


@pytest.mark.parametrize("page", ["fr/index", "notebooks/fr/01_gradient_saliency", "INSTRUCTORS.fr", french.SEARCH])
def test_the_frame_of_a_french_page_is_french(html, page):
    text = read(html, page)
    assert '<html class="no-js" lang="fr"' in text
    frame = re.sub(r"<article.*</article>", "", text, flags=re.DOTALL)
    said = re.findall(r'(?:>|title="|aria-label="|placeholder=")\s*([^<>"]+?)\s*(?=[<"])', frame)
    assert {"Rechercher", "Haut de la page", "Montrer ou cacher le menu"} <= set(said)
    assert not set(said) & set(french.WORDS)
    assert "Link to this heading" not in text
    assert re.findall(r'caption-text">(.*?)<', frame) == ["Leçons", "TP", "À côté", "Enseigner"]
    up = "../" * page.count("/")
    assert f'action="{up}recherche.html"' in frame
    assert f'<a href="{up}index.html">In English</a>' in frame
    assert (html / page).parent.joinpath(re.search(r'src="([^"?]*sphinx\.js)', text)[1]).is_file()


def test_the_frame_of_an_english_page_is_english(html):
    text = read(html, "docs/own_network")
    assert {"Next", "Previous", "On this page"} <= set(re.findall(r">\s*([^<>]+?)\s*<", text))
    assert 'lang="en"' in text
    assert 'action="../search.html"' in text
    assert re.findall(r'caption-text">(.*?)<', text) == ["Use it", "Learn", "Teach", "Work on it"]


def test_words_are_translated_in_the_frame_and_not_in_the_text():
    page = '<a title="Next">Next\n</a><p>Next to it</p><article><b>Search</b></article><i>Search</i>'
    assert french.in_french(page) == (
        '<a title="Suivant">Suivant\n</a><p>Next to it</p><article><b>Search</b></article><i>Rechercher</i>'
    )


@pytest.fixture(scope="module")
def first_found(html):
    """Return a function: what is typed → the page that is found first."""
    if not BROWSER:
        pytest.skip("no Chromium here: playwright install chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="no playwright here: pip install playwright")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=BROWSER, headless=True, args=OPTIONS)
        page = browser.new_page()

        def find(words, search="search"):
            page.goto(f"{(html / search).as_uri()}.html?q={quote(words)}")
            return page.locator("ul.search li a").first.get_attribute("href").partition("#")[0]

        yield find
        browser.close()


@pytest.mark.parametrize(
    ("words", "page"),
    [
        *((words, "docs/own_network") for words in ("own network", "my network", "use my own network", "custom model")),
        *((words, "docs/photograph") for words in ("my photo", "my own photo", "explain my photo")),
        *((words, "methods/rise") for words in ("RISE", "rise options")),
        *((words, "methods/grad_cam_plus_plus") for words in ("Grad-CAM++", "grad cam++")),
        ("grade a lab", "INSTRUCTORS"),
        ("add a method", "CONTRIBUTING"),
        ("install", "index"),
    ],
)
def test_the_search_finds_first_the_page_that_answers(first_found, words, page):
    assert first_found(words) == f"{page}.html"


def test_the_french_search_finds_too(first_found):
    assert first_found("corriger un TP", french.SEARCH) == "INSTRUCTORS.fr.html"
    assert first_found("mon réseau", french.SEARCH) == "docs/own_network.html"
