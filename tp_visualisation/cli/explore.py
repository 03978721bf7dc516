"""`tpvis explore`."""

import html
import inspect
import os
from pathlib import Path
from typing import Annotated

import typer

from tp_visualisation.cli.before import check_class, check_network
from tp_visualisation.cli.options import DEFAULTS, Engine, NetworkOptions, one_of, takes_network, whole
from tp_visualisation.cli.running import load, options_of_loading, read_photograph
from tp_visualisation.later import start_tensorflow

VIEWS = ("ask", "hide", "rise", "fool", "dream")
LANGUAGES = ("en", "fr")


@takes_network
def explore(
    image: Annotated[
        str, typer.Argument(help="A photograph: the path of a file, or the name of a sample (tpvis samples).")
    ] = "dalmatian",
    target: Annotated[
        str, typer.Option(help="Class to explain: label, index or WordNet id.", show_default="the most probable one")
    ] = "",
    view: Annotated[
        str,
        typer.Option(help=f"What is shown first: {', '.join(VIEWS)}.", callback=one_of("--view", lambda: list(VIEWS))),
    ] = "ask",
    language: Annotated[
        str, typer.Option(help="en or fr.", callback=one_of("--language", lambda: list(LANGUAGES)))
    ] = "en",
    network: NetworkOptions = DEFAULTS,
    engine: Engine = "fastest",
    port: Annotated[
        int, typer.Option(help="Port of the page, or the next free one.", callback=whole("--port", "[1, 65535]"))
    ] = 8866,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser.")] = True,
) -> None:
    """Explore what a network sees, live, in a browser. Try: tpvis explore dalmatian"""
    read_photograph(image)
    check_class(target, check_network(network))
    try:
        from tp_visualisation.cli.server import cell_of, serve
    except ImportError as error:
        raise ValueError(
            f'the explorer needs {error.name}, which is not installed: pip install "tp_visualisation[explore]".'
        ) from None
    options = {
        "image": image,
        "target": target,
        "view": view,
        "language": language,
        "network": {name: os.fspath(v) if isinstance(v, Path) else v for name, v in network._asdict().items()},
        "engine": engine,
        "folder": os.getcwd(),
    }
    serve(cell_of(__name__, **options), language, port, browser)


def show(image, target, view, language, network, engine, folder):
    """Show the explorer in the page; what goes wrong is a sentence there. It runs in the page's own process."""
    from IPython.display import HTML, display

    start_tensorflow()
    from tp_visualisation.explorer import Explorer
    from tp_visualisation.explorer.language import Language
    from tp_visualisation.explorer.worker import sentence_of

    try:
        os.chdir(folder)
        display(Explorer(_session(image, target, NetworkOptions(**network), engine, folder), Language(language), view))
    except Exception as error:
        display(HTML(f"<p role='alert'>{html.escape(sentence_of(error))}</p>"))


def _session(image, target, network, engine, folder):
    from tp_visualisation.explorer.session import Named, Session, photograph_called

    labels = network.labels and Path(network.labels)
    network = network._replace(labels=labels)
    classifier = load(network, engine, Path(folder))
    session = Session(Named(classifier, classifier.name, _code(network, engine)), photograph_called(image))
    if target:
        session.chosen = target
    return session


def _code(network, engine):
    """The line of Python that loads the network that options describe."""
    from tp_visualisation.loading import load_classifier

    usual = inspect.signature(load_classifier).parameters
    options = {"engine": engine, **options_of_loading(network)}
    given = {
        name: os.fspath(value) if isinstance(value, Path) else value
        for name, value in options.items()
        if value != usual[name].default
    }
    return f"clf = tpv.load_classifier({network.name!r}{''.join(f', {name}={given[name]!r}' for name in given)})"
