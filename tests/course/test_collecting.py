"""What platforms export is brought to submitted/<student>/<lab>/<lab>.ipynb, and whatever is left out is said."""

import zipfile

import pytest

from .exported import DAY, MONDAY, bring, collect, moodle, notebook, pack, packed, submitted, write_course


@pytest.fixture
def course(tmp_path):
    return write_course(tmp_path)


@pytest.mark.parametrize(
    ("first", "second", "students"),
    [
        ("Ada Lovelace_11_assignsubmission_file/tp.ipynb", "Ben Bo_12_assignsubmission_file/a b.ipynb", 1),
        ("Ada Lovelace_11_assignsubmission_file_/tp.ipynb", "Ben Bo_12_assignsubmission_file_/tp.ipynb", 1),
        ("Ada Lovelace_11_assignsubmission_file_tp_1.ipynb", "Ben Bo_12_assignsubmission_file_tp.ipynb", 1),
        ("CS1-9/Ada Lovelace_11_assignsubmission_file/x/tp.ipynb", "CS1-9/Ben Bo_12_assignsubmission_file/t.ipynb", 1),
        ("lovelaceada_11_901_tp1.ipynb", "bobo_12_902_tp_1_2-1.ipynb", 2),
        ("lovelaceada_LATE_11_901_tp1-1.ipynb", "bobo_12_902_tp.ipynb", 2),
        ("lovelaceada_11_901_a_1_2_b.ipynb", "bobo_12_902_t.ipynb", 2),
        ("submissions/lovelaceada_11_901_tp1.ipynb", "submissions/bobo_12_902_tp1.IPYNB", 2),
        ("ada/tiny/tiny.ipynb", "ben/tiny/tiny.ipynb", 3),
        ("ada/my lab (1).ipynb", "ben/tiny.ipynb", 3),
        ("home/users/ada/tiny/tiny.ipynb", "home/users/ben/tiny/tiny.ipynb", 3),
        ("ada/tp_visualisation/exercises/tiny/tiny.ipynb", "ben/exercises/tiny/t.ipynb", 3),
        ("ada\\tiny\\tiny.ipynb", "ben\\tiny\\tiny.ipynb", 3),
    ],
)
@pytest.mark.parametrize("unpacked", [False, True])
def test_the_names_of_every_platform_are_known(course, first, second, students, unpacked):
    files = {first: notebook("tiny", "ada's"), second: notebook("tiny", "ben's")}
    export = pack(course / "export.zip", files)
    if unpacked and "\\" not in first:
        zipfile.ZipFile(export).extractall(course / "export")
        export = course / "export"
    collect(course, export)
    ada, ben = {1: ("Ada_Lovelace", "Ben_Bo"), 2: ("lovelaceada", "bobo"), 3: ("ada", "ben")}[students]
    assert submitted(course) == {f"{ada}/tiny": notebook("tiny", "ada's"), f"{ben}/tiny": notebook("tiny", "ben's")}


def test_zips_inside_are_opened(course):
    inner = packed({"folder/tp.ipynb": notebook("tiny", "ada's"), "__MACOSX/folder/._tp.ipynb": b"junk"})
    twice = packed({"again.zip": packed({"tp.ipynb": notebook("tiny", "ben's")})})
    bring(course, {moodle("Ada", file="tp.zip"): inner, moodle("Ben", 2, file="tp.zip"): twice})
    assert submitted(course) == {"Ada/tiny": notebook("tiny", "ada's"), "Ben/tiny": notebook("tiny", "ben's")}


ROSTERS = {
    "own": "name,id,email\nAda Lovelace,al1,ada@uni.edu\nZoë Bön-Li,zb2,zoe@uni.edu\n",
    "own, from a French spreadsheet": "Nom;Prénom;ID number;Email\nLovelace;Ada;al1;a@u.e\nBön-Li;Zoë;zb2;z@u.e\n",
    "Moodle": '"First name","Last name","ID number","Email address"\nAda,Lovelace,al1,a@u.e\nZoë,Bön-Li,zb2,z@u.e\n',
    "Canvas": "Student,ID,SIS User ID,SIS Login ID,Section,tiny (77)\n    Points Possible,,,,,20\n"
    '"Lovelace, Ada",11,al1,ada,A,\n"Bön-Li, Zoë",12,zb2,zoe,A,3\n"Student, Test",99,,0a,A,\n',
}


@pytest.mark.parametrize("kind", ROSTERS)
@pytest.mark.parametrize(
    ("ada", "zoe"),
    [
        ("Ada Lovelace_11_assignsubmission_file/t.ipynb", "Zoe\u0308 Bo\u0308n-Li_12_assignsubmission_file/t.ipynb"),
        ("lovelaceada_11_901_t.ipynb", "bönlizoë_12_902_t.ipynb"),
        ("al1/t.ipynb", "zb2/t.ipynb"),
        ("LOVELACE Ada/t.ipynb", "li_bon_zoe/t.ipynb"),
    ],
)
def test_the_roster_names_the_folders(course, capsys, kind, ada, zoe):
    encoding = "cp1252" if "French" in kind else "utf-8-sig"
    (course / "grading" / "roster.csv").write_text(ROSTERS[kind], encoding=encoding)
    bring(course, {ada: notebook("tiny", "a"), zoe: notebook("tiny", "z")})
    assert submitted(course) == {"al1/tiny": notebook("tiny", "a"), "zb2/tiny": notebook("tiny", "z")}
    assert "roster.csv" not in capsys.readouterr().out


def test_a_number_of_canvas_tells_two_of_one_name_apart(course):
    roster = 'Student,ID,SIS Login ID,Section\n"Li, An",11,an1,A\n"Li, An",12,an2,A\n'
    (course / "grading" / "roster.csv").write_text(roster)
    bring(course, {"lian_12_5_t.ipynb": notebook("tiny", "12"), "lian_11_6_t.ipynb": notebook("tiny", "11")})
    assert submitted(course) == {"an1/tiny": notebook("tiny", "11"), "an2/tiny": notebook("tiny", "12")}


def test_moodles_grading_worksheet_knows_the_students_of_a_blind_marking(course):
    worksheet = "Identifier,Full name,Email address\nParticipant 7,An Li,an@u.e\nParticipant 8,Bo Li,bo@u.e\n"
    (course / "grading" / "roster.csv").write_text(worksheet)
    bring(course, {moodle("Participant", 8): notebook("tiny")})
    assert set(submitted(course)) == {"bo@u.e/tiny"}


def test_the_number_of_a_platform_is_not_taken_for_an_id_of_the_roster(course):
    (course / "grading" / "roster.csv").write_text("name,id\nAn Li,11\nBo Li,12\n")
    files = {moodle("Bo Li", 11): notebook("tiny", "bo"), "anli_12_3_t.ipynb": notebook("tiny", "an")}
    bring(course, files)
    assert submitted(course) == {"11/tiny": notebook("tiny", "an"), "12/tiny": notebook("tiny", "bo")}


def test_who_is_unknown_or_there_twice_keeps_a_folder_and_is_said(course, capsys):
    (course / "grading" / "roster.csv").write_text("name,id\nAn Li,an\nBo Li,bo1\nBo Li,bo2\nCy Li,cy\n")
    who = [("An Li", 1), ("An Li", 2), ("Bo Li", 3), ("Dy Li", 4)]
    no_notebook = {moodle("Ey Li", 5, "t.pdf"): b""}
    bring(course, {moodle(*one): notebook("tiny", str(one)) for one in who} | no_notebook)
    assert set(submitted(course)) == {"an_1/tiny", "an_2/tiny", "Bo_Li/tiny", "Dy_Li/tiny"}
    lines = capsys.readouterr().out.splitlines()
    assert "An Li is there twice, filed under an_1." in lines
    assert "Bo Li may be several students of roster.csv, filed under Bo_Li." in lines
    assert "Dy Li is not in roster.csv, filed under Dy_Li." in lines
    assert not [line for line in lines if line.startswith("Ey Li ")]
    assert "4 new, 0 replaced, 0 unchanged of tiny, in grading/submitted/." in lines
    assert "Nothing from an, bo1, bo2, cy." in lines


@pytest.mark.parametrize("name", ["t.ipynb", "t.ipynb.txt", "t.json", "t"])
@pytest.mark.parametrize("how", ["plain", "utf-8-sig", "utf-16"])
def test_a_notebook_is_known_whatever_windows_or_a_browser_does_to_it(course, name, how):
    text = notebook("tiny", "é")
    changed = text if how == "plain" else text.decode().encode(how)
    bring(course, {moodle("Ada", file=name): changed})
    assert submitted(course) == {"Ada/tiny": text}


def test_of_two_notebooks_the_newest_counts_and_the_other_is_said(course, capsys):
    old, new = (notebook("tiny", "old"), MONDAY), (notebook("tiny", "new"), MONDAY + DAY)
    bring(course, {moodle("Ada", file="b.ipynb"): old, moodle("Ada", file="a.ipynb"): new})
    bring(course, {"adal_1_70_t-1.ipynb": old, "adal_1_69_t.ipynb": new})  # Canvas counts attachments
    assert submitted(course) == {"Ada/tiny": new[0], "adal/tiny": old[0]}
    said = capsys.readouterr().out
    place = "Ada_1_assignsubmission_file"
    assert f"{place}/b.ipynb: Ada has handed in a newer one, {place}/a.ipynb, left out." in said
    assert "adal_1_69_t.ipynb: adal has handed in a newer one, adal_1_70_t-1.ipynb, left out." in said


def test_a_newer_export_replaces_an_older_one_and_says_so(course, capsys):
    def at(days, text):
        capsys.readouterr()
        bring(course, {moodle("Ada"): (notebook("tiny", text), MONDAY + days * DAY)})
        return submitted(course)["Ada/tiny"], capsys.readouterr().out

    text, said = at(0, "first")
    assert "1 new, 0 replaced, 0 unchanged" in said
    text, said = at(2, "second")
    assert text == notebook("tiny", "second")
    assert "Ada/tiny: Ada_1_assignsubmission_file/t.ipynb replaces the one of 2026-03-02 12:00." in said
    text, said = at(1, "late export of an old one")
    assert text == notebook("tiny", "second")
    assert "t.ipynb: older than the one of 2026-03-04 12:00 that is there, left out." in said
    assert "0 new, 0 replaced, 1 unchanged" in at(2, "second")[1]


def test_other_students_of_submitted_are_left_alone(course):
    bring(course, {moodle("Ada"): notebook("tiny")})
    bring(course, {moodle("Ben", 2): notebook("tiny")})
    assert set(submitted(course)) == {"Ada/tiny", "Ben/tiny"}


def test_a_notebook_of_another_lab_is_left_out_of_a_platforms_export(course, capsys):
    files = {moodle(name, n): notebook("tiny") for n, name in enumerate(["Ada", "Ben"])}
    files[moodle("Cy", 9)] = notebook("large")
    bring(course, files)
    assert set(submitted(course)) == {"Ada/tiny", "Ben/tiny"}
    place = "Cy_9_assignsubmission_file/t.ipynb"
    assert f"{place}: a notebook of large, not of tiny, left out." in capsys.readouterr().out
    bring(course, files, lab="large")
    assert set(submitted(course)) == {"Ada/tiny", "Ben/tiny", "Cy/large"}


def test_folders_of_your_own_may_hold_several_labs(course):
    bring(course, {"ada/a.ipynb": notebook("tiny"), "ada/b.ipynb": notebook("large"), "ben/b.ipynb": notebook("large")})
    assert set(submitted(course)) == {"ada/tiny", "ada/large", "ben/large"}


def test_an_export_of_which_lab_nobody_knows_asks_for_it(course):
    files = {moodle("Ada"): notebook("tiny"), moodle("B", 2): notebook("large")}
    with pytest.raises(ValueError, match="is this export of large or of tiny.*LAB=<lab>"):
        bring(course, files)
    with pytest.raises(ValueError, match="no lab is called 'tinny'; the labs are large, tiny"):
        bring(course, files, lab="tinny")
    assert not submitted(course)


def test_a_broken_notebook_is_for_the_grader_unless_its_student_has_a_good_one(course, capsys):
    files = {
        moodle("Ada"): notebook("tiny"),
        moodle("Ada", file="try.ipynb"): (b"{}", MONDAY + DAY),
        moodle("Ben", 2): b'{"cells": [',
        moodle("Cy", 3): b"[" * 100_000,
    }
    bring(course, files)
    assert submitted(course)["Ada/tiny"] == notebook("tiny")
    assert submitted(course)["Ben/tiny"] == b'{"cells": ['
    assert set(submitted(course)) == {"Ada/tiny", "Ben/tiny", "Cy/tiny"}
    assert "try.ipynb: not a notebook with cells of a lab, left out." in capsys.readouterr().out


@pytest.mark.parametrize(
    "place",
    [
        "ada/Ben_12_assignsubmission_file/t.ipynb",
        "ada/t.zip",
        "ada/ben_12_34_t.ipynb",
        "ada/ben/tiny/tiny.ipynb",
        "home/ada/work/ben/t.ipynb",
    ],
)
def test_nobody_hands_in_for_somebody_else(course, place):
    (course / "grading" / "roster.csv").write_text("name,id\nBen Bo,ben\nCy Li,cy\n")
    inner = packed({"ben/Ben_12_assignsubmission_file/t.ipynb": notebook("tiny")})
    other = "home/cy/t.ipynb" if place.startswith("home") else "cy/t.ipynb"
    bring(course, {place: inner if place.endswith(".zip") else notebook("tiny"), other: notebook("tiny")})
    assert set(submitted(course)) == {"ada/tiny", "cy/tiny"}


@pytest.mark.parametrize("place", ["ada/tiny/tiny.ipynb", "ada/exercises/tiny/tiny.ipynb", "home/ada/t.ipynb"])
def test_one_student_alone_is_a_class_too(course, place):
    bring(course, {place: notebook("tiny")})
    assert set(submitted(course)) == {"ada/tiny"}


def test_the_roster_finds_a_student_among_folders(course):
    (course / "grading" / "roster.csv").write_text("name,id\nBen Bo,ben\n")
    bring(course, {"home/ben/my course/t.ipynb": notebook("tiny"), "home/ben/my course/old/t.pdf": b""})
    assert set(submitted(course)) == {"ben/tiny"}


def test_a_zip_that_is_handed_in_later_counts_whatever_its_files_say(course):
    old = packed({"t.ipynb": (notebook("tiny", "old"), MONDAY + 99 * DAY)})
    new = packed({"a.ipynb": (notebook("tiny", "new"), MONDAY - DAY), "b.ipynb": (notebook("tiny"), MONDAY - 2 * DAY)})
    bring(course, {moodle("Ada", file="t.zip"): (old, MONDAY)})
    bring(course, {moodle("Ada", file="t.zip"): (new, MONDAY + DAY)})
    assert submitted(course) == {"Ada/tiny": notebook("tiny", "new")}


def test_a_file_of_nobody_is_said(course, capsys):
    bring(course, {"t.ipynb": notebook("tiny"), "tiny/u.ipynb": notebook("tiny"), "...---/x.ipynb": notebook("tiny")})
    assert not submitted(course)
    said = capsys.readouterr().out
    for name in ("t.ipynb", "tiny/u.ipynb"):
        assert f"{name}: whose is it? No folder and no name says so, left out." in said


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("=cmd|'calc'!A0", "cmd_calc_A0"),
        ("-rf x", "rf_x"),
        ("<img src=x onerror=alert(1)>", "img_src_x_onerror_alert_1"),
        ("[abc]*", "abc"),
        ("Ngô Đình\u202e", "Ngô_Đình"),
        ("प्रिया", "प्रिया"),
        ("x" * 300, "x" * 60),
        ("<>", "student_1"),
    ],
)
def test_no_name_is_dangerous_as_a_folder(course, capsys, name, folder):
    bring(course, {moodle(name, file="\x1b[31mt.pdf"): b"", moodle(name): notebook("tiny")})
    assert set(submitted(course)) == {f"{folder}/tiny"}
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "\u202e" not in said
