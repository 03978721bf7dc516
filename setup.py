"""Lessons and labs go into the wheel, as tp_visualisation/coursework/, from where `tpvis course` copies them.

The README goes to the registry with the project's address before its links: there is no picture beside it there.
All the rest is in pyproject.toml.
"""

import re
import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
LINK = re.compile(r"(!?)(\[[^]]*\]\()(?!https?:|#)([^)]+)")  # a picture, or not, that is beside the README


class BuildWithCourse(build_py):
    def run(self):
        super().run()
        for part in () if self.editable_mode else ("notebooks", "exercises"):
            if (ROOT / part).exists():  # what students get has them beside the wheel, and none in it
                shutil.copytree(
                    ROOT / part,
                    Path(self.build_lib, "tp_visualisation", "coursework", part),
                    ignore=shutil.ignore_patterns(".ipynb_checkpoints"),
                    dirs_exist_ok=True,
                )


def readme():
    """Return the README with links that lead somewhere from anywhere."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (address,) = re.findall(r'^Repository = "(.*)"$', project, re.MULTILINE)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return LINK.sub(lambda link: f"{link[1]}{link[2]}{address}/{'raw' if link[1] else 'blob'}/main/{link[3]}", text)


if __name__ == "__main__":
    setup(
        cmdclass={"build_py": BuildWithCourse}, long_description=readme(), long_description_content_type="text/markdown"
    )
