"""Every number in captions and texts stands in an output, or in the code, of the same notebook.

Text is written beside a run, and the run changes. So each number that a reader could check is looked for: rounded as
the text rounds it, as it stands or in per cent. What comes from elsewhere is listed in `ELSEWHERE` with its source.
"""

import re

import nbformat
import pytest

from .labs import ROOT, notebooks

CONFINED_ATTACK = {
    "56.5%": "Jalwana 2021, section 5",
    "99.99%": "Jalwana 2021, section 5, as the default min_probability of confined_attack",
    **dict.fromkeys(["46%", "44%", "39%", "52%"], "benchmarks/confined_attack.py --size 224"),
}
# number as it stands in the text → where it comes from: a paper, a program in benchmarks/, a count by eye
ELSEWHERE: dict[str, dict[str, str]] = {
    "01_gradient_saliency": {
        "1000": "classes of ImageNet",
        "50": "the default of tpv.saliency.smoothgrad",
        "528": "MB of VGG16's weights: the table of keras.io/api/applications",
        "71.3%": "top-1 accuracy of VGG16: the same table",
        "76.0%": "top-1 accuracy of ResNet50V2: the same table",
    },
    "02_adversarial_examples": {
        "56.5%": "Jalwana 2021, section 5: how much smaller the norm is on average",
        "99.99%": "Jalwana 2021, section 5: how sure the network is of the target",
        "50": "Jalwana 2021, section 5: its β; and the name of its network, ResNet-50",
    },
    "03_class_visualisation": {
        "528": "megabytes of VGG16's weights: keras.io/api/applications",
        "98": "megabytes of ResNet50V2's weights: keras.io/api/applications",
        **dict.fromkeys(["18.6", "7.2", "12.4"], "the cell of Figure 5 as of commit 6c2afbd"),
    },
    "04_rise": {
        "4000": "masks for VGG16: Petsiuk 2018, section 4",
        "8000": "masks for ResNet50: Petsiuk 2018, section 4",
        **dict.fromkeys(["0.15", "0.96"], "exercise 4: rise(p=0.2, n_masks=1000), and r with n_masks=8000, seed=9"),
    },
    "05_cameras": {
        **CONFINED_ATTACK,
        "5%": "tpv.saliency.cameras(clf, fruit, strawberry, sizes=[924]), above one half",
        "30": "Morbidelli 2020, the authors' program; LARGEST_SHIFT in saliency/augmented_grad_cam.py",
        "17": "tpvis evaluate samples --methods grad_cam,cameras --metrics overall --step-size 2000",
        "0.40": "tpvis evaluate samples --methods grad_cam,cameras --metrics overall --step-size 2000",
        "0.47": "tpvis evaluate samples --methods grad_cam,cameras --metrics overall --step-size 2000",
    },
    "06_sess": dict.fromkeys(["54.5%", "58.5%"], "benchmarks/sess.py, with channel weights and without"),
    "07_evaluation": {},
    "08_quadtree": {
        "0.18": "benchmarks/quadtree.py convolution",
        "0.38": "benchmarks/quadtree.py convolution",
        "0.95": "benchmarks/quadtree.py occlusion",
        "0.81": "benchmarks/quadtree.py occlusion",
        "0.70": "benchmarks/quadtree.py occlusion",
        "0.41": "benchmarks/quadtree.py occlusion",
        "0.97": "benchmarks/quadtree.py occlusion",
        "27%": "benchmarks/quadtree.py occlusion",
    },
    "tp1_gradient_saliency": {
        "528": "MB of VGG16's weights: the table of keras.io/api/applications",
        "0.3": "smallest of the other student numbers, the lab run with each of them",
        "0.8": "the same",
    },
    "tp2_adversarial_examples": {
        "0.3": "rms of rounding to whole levels, 1/√12; lesson 2 measures 0.29",
        "0.4": "smallest of the other student numbers, the lab run with each of them",
    },
    "tp3_class_visualisation": {"528": "megabytes of VGG16's weights: keras.io/api/applications"},
    "tp4_rise": {"7000": "masks of the course's program: benchmarks/rise.py"},
    "tp5_cameras": {
        **CONFINED_ATTACK,
        **dict.fromkeys(["0.7", "0.8", "0.9"], "three runs of the same cell"),
        "4%": "tpv.saliency.cameras(clf, photo, target, sizes=[924]), above one half",
    },
    "tp6_sess": {},
    "tp7_evaluation": {
        **dict.fromkeys(["0.65", "0.17"], "deletion_curve from blurred_input, numbers 1 and 0"),
        **dict.fromkeys(["0.99", "-0.19", "0.46", "0.82", "0.72"], "the lab run with the other student numbers"),
        "0.27": "lesson 7, the mean of twenty photographs",
    },
    "tp8_quadtree": {},
}
NOT_MEASURED = [
    r"`[^`]*`",  # code
    r"(?s:\$\$.*?\$\$|\$[^$]*\$)",  # formulas
    r"\[([^]]*)\]\([^)]*\)|https?://\S+",  # links, and the references that they carry
    r"^\s*#+.*$",  # titles
    r"^\s*\d+\. ",  # numbers of a list
    r"^\*\*Minutes\*\*.*$|\b\d+ (?:points|checked|vérifiés)\b",  # what the course asks for
    r"\b(?:[Ff]igure|Lesson|[Ll]eçon|Lab|TP|[Qq]uestion|Exercise|[Ee]xercice|Section|Python|Table)s? \d+[a-z]?"
    r"(?:(?:,| and| to| et| à) \d+[a-z]?)*",
    r"\b\d+[a-d]\b",  # questions of the labs
    r"\b(?:19|20)\d\d\b",  # years
    r"\b\d+ ?[×x] ?\d+(?: ?[×x] ?\d+)?",  # sizes, which the code gives in pieces
]
SMALL = 13  # whole numbers below are words of the language
FRENCH = [*ROOT.glob("notebooks/fr/*.ipynb"), *ROOT.glob("solutions/fr/*/*.ipynb")]


@pytest.mark.parametrize("path", [*notebooks(), *sorted(FRENCH)], ids=lambda path: str(path.relative_to(ROOT)))
def test_numbers_of_the_text_come_out_of_the_run(path):
    notebook = nbformat.read(path, 4)
    known = numbers_of_the_run(notebook)
    elsewhere = ELSEWHERE[path.stem]
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    texts = [as_in_english(text) for text in texts] if path in FRENCH else texts
    asked = [(number, line) for text in texts for number, line in numbers_in(text)]
    unknown = [(number, line) for number, line in asked if number not in elsewhere and not stands(number, known)]
    assert not unknown, "\n".join(f"{number}: {line}" for number, line in unknown)
    assert elsewhere.keys() <= {number for number, _ in asked}, "a source for a number that the text does not give"


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("probability of 0.87", "goose 0.871"),
        ("a correlation of −0.28", "r = -0.2810"),
        ("62 % of the photograph", "share 0.6249"),
        ("it takes 1 000 masks", "masks: 1000"),
        ("150,528 values", "150528"),
        ("about 6.5", "the shares add up to 6.46"),
        ("a loss of 40.", "loss 40"),
    ],
)
def test_a_number_is_found_as_the_text_rounds_it(text, printed):
    ((number, _),) = numbers_in(text)
    assert stands(number, numbers(printed))


@pytest.mark.parametrize(
    ("text", "printed"),
    [("0.87", "0.88"), ("0.87", "0.8"), ("62 %", "0.63"), ("−0.28", "0.28"), ("25 masks", "26"), ("1.6", "1.54")],
)
def test_another_number_is_not(text, printed):
    ((number, _),) = numbers_in(text)
    assert not stands(number, numbers(printed))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("une part de 0,87.", "0.87"),
        ("62\u00a0% des pixels", "62%"),
        ("150\u202f528 valeurs", "150528"),
        ("25, 2", "25"),
    ],
)
def test_a_number_of_a_french_text_is_read_as_in_english(text, number):
    assert [found for found, _ in numbers_in(as_in_english(text))] == [number]


def test_what_nobody_measured_is_not_asked_for():
    text = "## Question 15\n1. In `n=300` steps, $x = 0.5$, Figure 14, 15a, [Fong, 0.44](http://x/17), 7 × 15, 2 of 12."
    assert not numbers_in(text)
    assert not numbers_in(as_in_english("Figures 14 et 15, leçon\u00a014, la question 15b du TP\u00a016, 14 vérifiés."))


def test_a_title_hides_no_number_below_it():
    ((number, line),) = numbers_in("## Part 40\n\nOf the pixels $x$\n0.87 are left.")
    assert (number, line) == ("0.87", "0.87 are left.")


def as_in_english(text):
    """A French text whose numbers are written as in English: a decimal point, no space that does not break."""
    return re.sub(r"(?<=\d),(?=\d)", ".", re.sub(r"[\u00a0\u202f]", " ", text))


def numbers_in(text):
    """The numbers of a text that must come from somewhere, each with its line."""
    for pattern in NOT_MEASURED:
        text = re.sub(pattern, " ", text, flags=re.MULTILINE)
    found = []
    for line in text.splitlines():
        for match in re.finditer(r"(?<![\w.])[−-]?\d+(?:[  ,]\d{3})*(?:\.\d+)?(?: ?%)?(?![\w])", line):
            number = re.sub(r"(?<=\d)[  ,](?=\d{3})", "", match[0]).replace("−", "-").replace(" ", "")
            if "." in number or "%" in number or abs(int(number)) >= SMALL:
                found.append((number, line.strip()))
    return found


def numbers_of_the_run(notebook):
    """All numbers that the code cells of a notebook hold or print."""
    found = set()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            found |= numbers(cell.source)
            for output in cell.outputs:
                found |= numbers(output.get("text", "") or output.get("data", {}).get("text/plain", ""))
    return found


def numbers(text):
    """The numbers of a printed text."""
    text = re.sub(r"(?<=\d)[_ ,](?=\d{3}\b)", "", text.replace("−", "-"))
    return {float(number) for number in re.findall(r"(?<![\w.])-?\d+\.?\d*(?:e-?\d+)?", text)}


def stands(number, known):
    """Whether a number of a text is one of the known ones, rounded to its own digits."""
    share = number.endswith("%")
    number = number.rstrip("%")
    decimals = len(number.partition(".")[2])
    factors = (1, 100) if share else (1,)
    half = 0.5 * 10**-decimals + 1e-9
    return any(abs(value * factor - float(number)) <= half for value in known for factor in factors)
