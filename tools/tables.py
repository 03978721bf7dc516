"""The teacher's tables: grades.csv, a row for each submission, and gradebook.csv, a row for each student."""

import csv
import os

from roster import read_roster

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")  # a spreadsheet takes what begins so for a formula


def write_table(path, columns, rows):
    """Write a CSV file, whole or not at all, in which nothing is a formula."""
    unfinished = path.with_name(path.name + ".tmp")
    with unfinished.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows({column: _plain(value) for column, value in row.items()} for row in rows)
    os.replace(unfinished, path)


def write_gradebook(folder):
    """Write gradebook.csv from the grades.csv and roster.csv of `folder`: the totals, one column for each lab.

    Its first columns are those of roster.csv, by which a platform finds its students; without one, each folder's name
    is the id. A cell is empty where nothing was handed in or graded. What a teacher should know is said.
    """
    with (folder / "grades.csv").open(newline="", encoding="utf-8") as file:
        grades = list(csv.DictReader(file))
    roster = read_roster(folder / "roster.csv")
    labs = sorted({row["lab"] for row in grades if row["max"]})
    if roster.students:
        lines = {student.id: dict(student.cells) for student in roster.students}
    else:
        print("gradebook.csv: no grading/roster.csv, so the ids are the names of the folders.")
        lines = {row["student"]: {"ID number": row["student"]} for row in grades}
    for row in grades:
        key, said = f"{row['student']}/{row['lab']}", ""
        found = [student.id for student in roster.find(row["student"], row["student"])]
        found = found if roster.students else [row["student"]]
        if len(found) != 1:
            said = "several students of roster.csv may be meant" if found else "nobody in roster.csv"
        elif row["lab"] in lines[found[0]]:
            said = f"{found[0]} has another folder with this lab"
        elif row["max"]:
            lines[found[0]][row["lab"]] = row["total"]
        if said:
            print(f"{key}: {said}, left out of gradebook.csv.")
    for heading in roster.headings if roster.students else []:
        if without := sum(not line[heading] for line in lines.values()):
            print(f"gradebook.csv: {without} students have no {heading!r}: match students by another column.")
    write_table(folder / "gradebook.csv", [*roster.headings, *labs], lines.values())
    if to_mark := sum(bool(row["max"] and row["to_mark"]) for row in grades):
        print(f"gradebook.csv: totals that lack answers to mark by hand: {to_mark} (to_mark in grades.csv).")


def _plain(value):
    """Put an apostrophe before what a spreadsheet would take for a formula; numbers stay."""
    text = "" if value is None else str(value)
    if not text.startswith(DANGEROUS):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text
