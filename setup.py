"""Lessons and labs go into the wheel, as tp_visualisation/coursework/, from where `tpvis course` copies them.

All the rest is in pyproject.toml.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithCourse(build_py):
    def run(self):
        super().run()
        if not self.editable_mode:
            for part in ("notebooks", "exercises"):
                shutil.copytree(
                    Path(__file__).parent / part,
                    Path(self.build_lib, "tp_visualisation", "coursework", part),
                    ignore=shutil.ignore_patterns(".ipynb_checkpoints"),
                    dirs_exist_ok=True,
                )


setup(cmdclass={"build_py": BuildWithCourse})
