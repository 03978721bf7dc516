"""`tpvis course`."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from tp_visualisation.cli.before import home_of
from tp_visualisation.files import replacing
from tp_visualisation.names import find_name

PACKAGE = Path(__file__).parent.parent
PARTS = ("notebooks", "exercises")  # lessons and labs; those of another language are in a folder of theirs: fr/


def course(
    folder: Annotated[str, typer.Argument(help="Folder to copy to; what is there already stays as it is.")],
    language: Annotated[
        str, typer.Option(help='"en", or "fr" for what there is in French, beside the English.', show_default="en")
    ] = "en",
    open_: Annotated[bool, typer.Option("--open", help="Start JupyterLab there.")] = False,
) -> None:
    """Copy the lessons and labs to a folder of yours. Try: tpvis course my_course --open"""
    if not folder.strip():
        raise ValueError("the folder has an empty name: give the folder to copy the course to.")
    place, source = home_of(folder), _source()
    languages = sorted({path.name for part in PARTS for path in (source / part).glob("??") if path.is_dir()})
    language = find_name(language.strip().lower(), ["en", *languages], "language")
    if place.exists() and not place.is_dir():
        raise ValueError(f'"{folder}" is a file: give the folder to copy the course to.')
    if place.resolve() == source.resolve() or source.resolve() in (place / part for part in PARTS):
        raise ValueError(f'"{folder}" is where the course is copied from: give another folder.')
    if open_ and importlib.util.find_spec("jupyterlab") is None:
        raise ValueError('JupyterLab is not installed: `pip install "tp_visualisation[lab]"`, or leave --open out.')

    left_out = [other for other in languages if other != language]
    new, there = 0, 0
    for part in PARTS:
        for path in sorted(path for path in (source / part).rglob("*") if path.suffix in (".ipynb", ".md")):
            parts = path.relative_to(source).parts
            if parts[1] in left_out or ".ipynb_checkpoints" in parts:
                continue
            copy = place.joinpath(*parts)
            if copy.exists():
                there += 1
                continue
            copy.parent.mkdir(parents=True, exist_ok=True)
            with replacing(copy) as fresh:
                shutil.copyfile(path, fresh)
            new += 1
    print(f"{place.resolve()}: {new} files copied" + (f", {there} were there and stay as they are" if there else ""))
    if open_:
        sys.exit(subprocess.run([sys.executable, "-m", "jupyterlab", f"--notebook-dir={place}"]).returncode)
    print(
        f"begin with {Path(folder) / 'notebooks' / '01_gradient_saliency.ipynb'}, in JupyterLab: jupyter lab {folder}"
    )


def _source():
    """The folder that holds lessons and labs: in the wheel `coursework`, in a clone its root."""
    for folder in (PACKAGE / "coursework", PACKAGE.parent):
        if all((folder / part).is_dir() for part in PARTS):
            return folder
    raise ValueError(
        "this installation came without the lessons and labs: install the package from the registry, "
        'pip install "tp_visualisation[lab]", or take the ones that you were handed with it.'
    )
