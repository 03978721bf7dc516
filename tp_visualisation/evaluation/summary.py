"""From the rows of a benchmark to its table: a mean for each method and metric, with a bootstrap interval.

Efron, "Bootstrap methods: another look at the jackknife", 1979. Draw n images out of the n, with replacement, again and
again; the middle 95 % of the means over these draws is the interval. Whole images are drawn, with all their categories,
since the maps of one image are not independent. Every method sees the same draws.

    deletion, insertion, overall, density    mean over the maps
    pointing                                 mean over the categories of hits / (hits + misses)
    time                                     median over the maps, as a few slow calls say nothing about the rest
"""

from typing import NamedTuple

import numpy as np

DIRECTIONS = {  # of every column: is more better, or less?
    "deletion": "↓",
    "insertion": "↑",
    "overall": "↑",
    "pointing": "↑",
    "pointing_difficult": "↑",
    "density_positive": "↑",
    "density_negative": "↓",
    "time": "↓",
}
UNITS = {"time": " (s)"}


class Score(NamedTuple):
    """What the rows of one method and metric come to: the mean (of time the median) and its 95 % interval.

    `n` maps were judged and `failed` were not; without any, the numbers are None.
    """

    method: str
    metric: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    failed: int

    @property
    def column(self):
        """What heads the column of the metric: "insertion ↑", more is better."""
        return f"{self.metric.replace('_', ' ')}{UNITS.get(self.metric, '')} {DIRECTIONS[self.metric]}"


def summarise(rows, seed=0, n_draws=1000):
    """Return the `Score`s of rows, in the order in which methods and metrics first come.

    The pointing game gives two: "pointing" over all maps, "pointing_difficult" over those on the difficult part.

    Args:
        rows: list of `Row`.
        seed: integer; the same seed draws the same images.
        n_draws: draws of the bootstrap.
    """
    groups = {}
    for row in rows:
        groups.setdefault((row.method, row.metric), []).append(row)
        if row.metric == "pointing":
            groups.setdefault((row.method, "pointing_difficult"), []).extend([row] if row.difficult else [])
    return [_score(method, metric, group, seed, n_draws) for (method, metric), group in groups.items()]


def _score(method, metric, rows, seed, n_draws):
    judged = [row for row in rows if row.value is not None]
    failed = len(rows) - len(judged)
    if not judged:
        return Score(method, metric, None, None, None, 0, failed)
    statistic = _median if metric == "time" else _mean_of_categories if metric.startswith("pointing") else _mean
    of_draw = statistic(judged)
    n_images = len({row.image for row in judged})
    rng = np.random.default_rng(seed)
    draws = [of_draw(np.bincount(rng.integers(n_images, size=n_images), minlength=n_images)) for _ in range(n_draws)]
    low, high = np.percentile(draws, [2.5, 97.5])
    return Score(method, metric, of_draw(np.ones(n_images, int)), float(low), float(high), len(judged), failed)


# Each returns a function from how often every image is drawn, (n,), to the statistic.


def _mean(rows):
    sums, counts = _sums(rows, [0] * len(rows))
    return lambda drawn: float(drawn @ sums[:, 0] / (drawn @ counts[:, 0]))


def _mean_of_categories(rows):
    _, category = np.unique([row.category for row in rows], return_inverse=True)
    hits, counts = _sums(rows, category)

    def mean(drawn):
        there = drawn @ counts > 0
        return float(((drawn @ hits)[there] / (drawn @ counts)[there]).mean())

    return mean


def _median(rows):
    image, values = _places(rows), np.array([row.value for row in rows])
    return lambda drawn: float(np.median(np.repeat(values, drawn[image])))


def _sums(rows, column):
    """Sum of the values, and number of them, of every image (rows) and column."""
    image = _places(rows)
    sums, counts = np.zeros((2, max(image) + 1, max(column) + 1))
    np.add.at(sums, (image, column), [row.value for row in rows])
    np.add.at(counts, (image, column), 1)
    return sums, counts


def _places(rows):
    """The number of each row's image, in the order in which they first come."""
    numbers = {}
    return np.array([numbers.setdefault(row.image, len(numbers)) for row in rows])


# The table


def markdown_table(scores):
    """Return the table of `Score`s in Markdown: a row for each method, the best of each column bold."""
    header, lines = _cells(scores, lambda text: f"**{text}**")
    rule = ["---"] + ["---:"] * (len(header) - 1)
    return "".join(f"| {' | '.join(line)} |\n" for line in [header, rule, *lines])


def latex_table(scores):
    """Return the table of `Score`s in LaTeX, for the package booktabs."""
    header, lines = _cells(scores, lambda text: f"\\textbf{{{text}}}")
    arrows = {"↓": r"$\downarrow$", "↑": r"$\uparrow$", "_": r"\_", "–": "--"}
    body = [" & ".join("".join(arrows.get(c, c) for c in cell) for cell in line) + r" \\" for line in [header, *lines]]
    return "\n".join(
        [
            f"\\begin{{tabular}}{{l{'r' * (len(header) - 1)}}}",
            "\\toprule",
            body[0],
            "\\midrule",
            *body[1:],
            "\\bottomrule",
            "\\end{tabular}\n",
        ]
    )


def console_table(scores, title=None):
    """Return the table of `Score`s as a `rich.table.Table`."""
    from rich.table import Table

    header, lines = _cells(scores, lambda text: f"[bold green]{text}[/]")
    table = Table(title=title, title_justify="left")
    for number, name in enumerate(header):
        table.add_column(name, justify="right" if number else "left", no_wrap=not number)
    for line in lines:
        table.add_row(*[cell if "[bold" in cell else cell.replace("[", r"\[") for cell in line])
    return table


def _cells(scores, bold):
    """Header and lines of text: "0.523 [0.481, 0.570]"."""
    methods = list(dict.fromkeys(score.method for score in scores))
    metrics = list(dict.fromkeys(score.metric for score in scores))
    by_place = {(score.method, score.metric): score for score in scores}
    best = {}
    for metric in metrics:
        values = [score.value for score in scores if score.metric == metric and score.value is not None]
        best[metric] = (max if DIRECTIONS[metric] == "↑" else min)(values) if len(values) > 1 else None
    lines = []
    for method in methods:
        line = [method]
        for metric in metrics:
            score = by_place[method, metric]
            if score.value is None:
                line.append("–")
                continue
            value = _number(score.value, metric)
            value = bold(value) if score.value == best[metric] else value
            line.append(f"{value} [{_number(score.low, metric)}, {_number(score.high, metric)}]")
        lines.append(line)
    return ["method", *[by_place[methods[0], metric].column for metric in metrics]], lines


def _number(value, metric):
    return f"{value:.3g}" if metric == "time" else f"{value:.3f}"
