"""The languages of the course besides English, which are the folders of locale/; "" is English.

What a notebook says is translated with the notebook. The few words that the machinery adds to it are `WORDS`, and are
translated in locale/<language>/course.po.
"""

import re

import polib

ELSEWHERE = "*(written in another cell)*"
AS_HANDED_IN = "As handed in, not run again:"
UNWRITTEN = "This answer is still to be written: replace this line."
OPEN_IN_COLAB = "Open in Colab"
MESSAGES = (  # of the sandbox to a student: running.py and inside/kernel.py
    "not run: the cells above had used the time, or stopped Python.",
    "Python itself stopped (exit, crash or out of memory)",
    "stopped after {seconds} s of processor time: a loop without end?",
    "stopped after {seconds} s: does it wait for something?",
    "it started more than {number} processes",
    "it took more than {number} GB of memory",
    "it answered too much",
    "its answer was forged, or not one",
    "no points: these tests cannot be trusted, {why}.",
    "{name} was changed while they ran",
    "`{test}` did not fail behind them",
    "no points: the tests did not run to their end.",
    "what the cell wrote is not an output: {problem}",
    "... the rest of what this cell wrote was dropped ...\n",
)
WORDS = (
    UNWRITTEN,
    "*Your answer: replace this line.*",
    ELSEWHERE,
    AS_HANDED_IN,
    "Hidden tests and outputs are left out as long as you can hand in again.",
    "Handed in late",
    "No response.",  # nbgrader's comment on an answer that was not written
    "not marked yet",
    "Comment",
    "comment",
    "tests",
    "{heading}: {title}",
    OPEN_IN_COLAB,
    *MESSAGES,
)


def languages(root):
    """Return the names of the course's languages besides English."""
    return sorted(path.name for path in root.glob("locale/*") if path.is_dir())


def language_of(root, notebook):
    """Return the language in which a graded notebook was handed in."""
    language = notebook.metadata.get("language", "")
    return language if language in languages(root) else ""


def words(root, language):
    """Return each of `WORDS` as it is said in a language: English where a translation is missing."""
    path = root / "locale" / language / "course.po"
    return {text: text for text in WORDS} | (read(path) if language and path.is_file() else {})


def in_words(message, said):
    """Return one of `MESSAGES`, its fields filled, as `said` says it; another text is returned as it is."""
    for text in MESSAGES:
        parts = re.split(r"\{(\w+)\}", text)
        parts[::2] = map(re.escape, parts[::2])
        parts[1::2] = [f"(?P<{field}>.*)" for field in parts[1::2]]
        if found := re.fullmatch("".join(parts), message):
            return said[text].format(**{field: in_words(value, said) for field, value in found.groupdict().items()})
    return message


def read(path):
    """Return {English: translation} of a .po file, without what is missing or fuzzy."""
    return {entry.msgid: entry.msgstr for entry in catalogue(path) if entry.translated()}


def catalogue(path):
    """Return the entries of a .po file, which may be empty.

    Raises:
        ValueError: the file is not written as .po files are.
    """
    try:
        return polib.pofile(str(path), encoding="utf-8", wrapwidth=0) if path.stat().st_size else polib.POFile()
    except OSError as error:
        raise ValueError(f"{path.name} cannot be read as a .po file: {error}") from None
