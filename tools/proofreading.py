"""What a translation must keep of the English text, whatever the language; and how French is typeset."""

import re
from collections import Counter

import prose
from cleaning import html_of

CODE = re.compile(r"`[^`]*`")
FORMULA = re.compile(r"\$\$.*?\$\$|\$[^$]+\$", re.DOTALL)
IN_FORMULA = re.compile(r"\\text\{([^}]*)\}")
LINK = re.compile(r"\]\(([^)]*)\)|(https?://[^\s)]+)")
TAG = re.compile(r"</?\w[^>]*>")
NUMBER = re.compile(r"\d+(?:\.\d+)?|[½¼¾]")
QUESTION = re.compile(r"\bQuestion \d+(?: [a-z]\b)?")
PROTECTED = re.compile(r"`[^`]*`|\$\$[^$]+\$\$|\$[^$]+\$|\]\([^)]*\)|<[^>]*>|\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}")
IN_CODE = ("comment", "docstring", "string")  # where decimal points and straight quotes are Python's own
NBSP, NARROW = "\u00a0", "\u202f"
FRENCH = (  # what is wrong, how it should be, in which kinds of pieces it is allowed
    (rf"(?<![{NARROW};?!…(])[;?!](?![=[])", "U+202F goes before ; ? !", ()),
    (rf"(?<!{NBSP}):(?!\S)", "U+00A0 goes before :", ()),
    (rf"«(?!{NBSP})|(?<!{NBSP})»", "U+00A0 goes inside « »", ()),
    (rf"\d[^{NBSP}\d]?%", "U+00A0 goes between a number and %", ()),
    (r'"', "quotation marks are « »", IN_CODE),
    (r"(?<!arXiv )(?<!version )(?<!Python )(?<!Python \d\.\d\d à )(?<![\d.])\d+\.\d", "decimals take a comma", IN_CODE),
    (rf"[ {NBSP}{NARROW}]{{2}}", "two spaces in a row", IN_CODE),
)


def problems(entry, language):
    """Return what is wrong with a translated entry of a .po file, a line for each thing."""
    text, said, kind = entry.msgid, entry.msgstr, entry.comment
    if (text == said) != ("same" in entry.flags):
        return ["the flag `same` marks what is the same in both languages, and nothing else"]
    found = []
    for what, in_text in KEPT.items():
        lost, new = Counter(in_text(text, kind)), Counter(in_text(said, kind))
        if lost != new:
            found.append(f"{what}: lost {list((lost - new).elements())}, new {list((new - lost).elements())}")
    if language == "fr" and text != said:
        read = _read(said, kind)
        wrong = [(re.search(pattern, read), rule) for pattern, rule, allowed in FRENCH if kind not in allowed]
        wrong += [(re.search(r"\d\.\d", part), "decimals in formulas are 0{,}5") for part in FORMULA.findall(said)]
        found += [f"{rule}: {at.string[max(0, at.start() - 20) : at.end() + 5]!r}" for at, rule in wrong if at]
    return found


def typeset(text):
    """Return a French text with unbreakable spaces where ordinary ones were typed: before ; : ? ! % », and behind «."""
    parts = re.split(f"({PROTECTED.pattern})", text)
    for number in range(0, len(parts), 2):
        part = re.sub(r" ([;?!])(?![=[])", rf"{NARROW}\1", parts[number])
        part = re.sub(r"(?<=\d) %| :(?!\S)| »", lambda sign: NBSP + sign[0][1:], part)
        parts[number] = part.replace("« ", f"«{NBSP}")
    return "".join(parts)


def _read(text, kind):
    """Return a text without code, formulas, addresses and tags, as a typesetter sees it."""
    text = CODE.sub("x", text)
    text = FORMULA.sub(lambda formula: " ".join(["x", *map(str.strip, IN_FORMULA.findall(formula[0])), "x"]), text)
    text = TAG.sub("", LINK.sub("]", text))
    if kind == "string":
        text = prose.FIELD.sub("x", text)
    return text.removeprefix("".join(_argument(text, kind)) + ": ")


def _bare(formula):
    """Return a formula without words, with decimal points."""
    return re.sub(r"(?<=\d)\{,\}(?=\d)", ".", IN_FORMULA.sub("", formula))


def _numbers(text, kind):
    """Return the numbers of a text, "15,000", "15 000" and "15000" alike, and "1,000" as "1.000"."""
    text = re.sub(rf"(?<=\d)[ {NBSP}{NARROW}](?=\d{{3}}\b)", "", _read(text, kind))
    text = re.sub(r"\b([1-9]\d{1,2}),(?=\d{3}\b)", r"\1", text)
    return NUMBER.findall(re.sub(r"(?<=\d),(?=\d)", ".", text))


def _argument(text, kind):
    """Return the name that an item of a docstring begins with."""
    is_item = kind == "docstring" and prose.ITEM.match(" " * 4 + text)
    return [text.partition(":")[0]] if is_item else []


KEPT = {
    "formulas": lambda text, kind: [_bare(formula) for formula in FORMULA.findall(text)],
    "links": lambda text, kind: [one or other for one, other in LINK.findall(text)],
    "code": lambda text, kind: CODE.findall(text),
    "fields": lambda text, kind: prose.FIELD.findall(text) if kind == "string" else [],
    "tags": lambda text, kind: TAG.findall(CODE.sub("", text)),
    "numbers": _numbers,
    "questions": lambda text, kind: QUESTION.findall(text) if kind == "heading" else [],
    "emphasis": lambda text, kind: [] if kind in IN_CODE else re.findall(r"<(?:em|strong)>", html_of(text)),
    "cells of a row": lambda text, kind: re.findall(r"\|", text) if kind == "row" else [],
    "spaces at the ends": lambda text, kind: re.findall(r"^\s+|\s+$|\n", text),
    "name": _argument,
}
