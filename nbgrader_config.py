"""nbgrader's settings: `make exercises`, `make grade` and the formgrader all read them."""

from pathlib import Path

c = get_config()  # noqa: F821  (nbgrader gives it)

c.CourseDirectory.course_id = "tp_visualisation"
c.CourseDirectory.root = str(Path(__file__).parent)
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
c.CourseDirectory.submitted_directory = "grading/submitted"
c.CourseDirectory.autograded_directory = "grading/autograded"
c.CourseDirectory.feedback_directory = "grading/feedback"
c.CourseDirectory.db_url = f"sqlite:///{Path(__file__).parent / 'grading' / 'gradebook.db'}"

# What the student finds in place of an answer.
c.ClearSolutions.code_stub = {
    "python": 'raise NotImplementedError("This answer is still to be written: replace this line.")'
}
c.ClearSolutions.text_stub = "*Your answer: replace this line.*"


def _refuse(notebook, resources):
    raise RuntimeError("grade with `make grade-isolated`: nbgrader alone runs students' code with your rights.")


# nbgrader's own "Autograde" does nothing: besides, what it writes into grading/autograded/ is not clean.
c.Autograde.sanitize_preprocessors = [_refuse]

# Limits of one submission while it is graded.
c.Grading.cell_seconds = 60  # of processor time: a cell that takes more is stopped; by the clock, five times as long
c.Grading.notebook_seconds = 300  # of processor time: cells not reached by then are not run
c.Grading.cell_characters = 100_000  # text that a cell prints after this is dropped; a picture counts for its size / 50
c.Grading.memory_gigabytes = 12  # of address space; the labs take up to 6, of which 2.5 are really used
c.Grading.disk_megabytes = 256  # of files that the cells write
c.Grading.processes = 64  # at a time
