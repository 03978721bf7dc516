"""Every word is there in both languages, and used."""

import re
from pathlib import Path

import pytest

import tp_visualisation as tpv
from tp_visualisation.explorer.language import WORDS, Language

SOURCES = [path for path in Path(tpv.__file__).parent.glob("explorer/*.py") if path.name != "language.py"]


@pytest.mark.parametrize("key", WORDS)
def test_both_languages_say_the_same_things(key):
    english, french = WORDS[key]
    assert english
    assert french
    assert set(re.findall(r"{(\w+)}", english)) == set(re.findall(r"{(\w+)}", french))


def test_the_table_has_what_the_page_says_and_nothing_else():
    text = "".join(path.read_text(encoding="utf-8") for path in SOURCES)
    said = set(re.findall(r'say\(\s*"(\w+)"', text))
    assert said <= WORDS.keys()
    quoted = set(re.findall(r'["\'](\w+)["\']', text)) | {"seconds"}  # which the table itself uses
    assert WORDS.keys() <= quoted


def test_numbers_are_written_as_in_the_language():
    english, french = Language("en"), Language("fr")
    assert (english.percent(0.1234), french.percent(0.1234)) == ("12.3%", "12,3 %")
    assert (english.seconds(0.256), french.seconds(0.256)) == ("0.26 s", "0,26 s")
    assert english.seconds(12.3) == "12 s"
    assert [english.steps(1), english.steps(2), french.steps(2)] == ["1 step", "2 steps", "2 pas"]


def test_another_language_is_refused():
    with pytest.raises(ValueError, match='language must be "en" or "fr", got \'de\''):
        Language("de")
