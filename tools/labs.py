"""The labs of a course, in solutions/<lab>/<lab>.ipynb: their names, their exercises, and the settings of nbgrader.

In another language they are in solutions/<language>/<lab>/<lab>.ipynb; the language "" is English.
"""

import shutil
import tempfile
from pathlib import Path

from languages import UNWRITTEN, words
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from traitlets.config import PyFileConfigLoader

ROOT = Path(__file__).resolve().parent.parent


def settings(root):
    """Return the settings of nbgrader_config.py, for the course in the folder `root`."""
    config = PyFileConfigLoader("nbgrader_config.py", str(ROOT)).load_config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.db_url = f"sqlite:///{root / 'grading' / 'gradebook.db'}"
    return config


def names(root):
    """Return the names of the labs: the folders of solutions/ that hold a notebook of their own name."""
    return sorted(path.parent.name for path in root.glob("solutions/*/*.ipynb") if path.stem == path.parent.name)


def path(root, lab, language=""):
    """Return where the solution of a lab is, in a language of the course."""
    return root / "solutions" / language / lab / f"{lab}.ipynb"


def generate(root, lab, destination, record=False, language=""):
    """Write the exercise of one lab into destination/<lab>; with `record`, note its cells in the gradebook too."""
    config = settings(root)
    if not record:
        config.GenerateAssignment.no_database = True
        config.SaveCells.enabled = False
    stubs, said = config.ClearSolutions, words(root, language)
    stubs.text_stub = said[stubs.text_stub]
    stubs.code_stub = {name: stub.replace(UNWRITTEN, said[UNWRITTEN]) for name, stub in stubs.code_stub.items()}
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(path(root, lab, language).parent, Path(folder, "solutions", lab))
        config.CourseDirectory.root = folder
        config.CourseDirectory.assignment_id = lab
        GenerateAssignment(coursedir=CourseDirectory(config=config), config=config, force=True).start()
        shutil.copytree(Path(folder, "exercises", lab), destination / lab, dirs_exist_ok=True)
