"""From the rows of a benchmark to its table: for each method and metric one number, with a 95 % interval.

The number is the metric's statistic over all maps of the method, as its entry in `METRICS` says: see `statistics`.

The interval says how much the number would change with other images of the same kind: the bootstrap of Efron,
"Bootstrap methods: another look at the jackknife", 1979. Of n images, n are drawn at random, some of them several
times and others not at all, and the statistic is computed from these. This is done a thousand times; the interval holds
the middle 95 % of the results. An image is drawn with all its maps, since maps of one image are alike, and every method
is judged on the same draws.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tp_visualisation.checks import check_integer
from tp_visualisation.evaluation.metrics import METRICS, Metric
from tp_visualisation.evaluation.statistics import STATISTICS
from tp_visualisation.evaluation.study.rows import Row

if TYPE_CHECKING:
    from rich.table import Table


class Summary(NamedTuple):
    """What the rows of one method and one column of a metric come to.

    Attributes:
        method, metric: their names; that of the metric is the column's.
        value: the metric's statistic over the maps; None where no map could be judged.
        low, high: its 95 % interval; None as for `value`.
        n, failed: how many maps were judged, and how many could not be.
        direction: "↑" where more is better, "↓" where less is.
        unit: of the numbers; "" without one.
    """

    method: str
    metric: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    failed: int
    direction: str
    unit: str = ""

    @property
    def column(self) -> str:
        """What heads the column of the metric: "insertion ↑", "time (s) ↓"."""
        unit = f" ({self.unit})" if self.unit else ""
        return f"{self.metric.replace('_', ' ')}{unit} {self.direction}"


def summarise(
    rows: Sequence[Row], metrics: Iterable[Metric] | None = None, *, seed: int = 0, n_draws: int = 1000
) -> list[Summary]:
    """Return the summaries of rows, in the order in which methods and metrics first come.

    Args:
        rows: `Row`s of any methods and metrics.
        metrics: what the rows were measured with; None for `METRICS`.
        seed: integer; the same seed draws the same images.
        n_draws: draws of the bootstrap.
    """
    check_integer("[0, inf)", seed=seed)
    columns = {}  # name of the column → its metric, direction
    for metric in METRICS.values() if metrics is None else metrics:
        columns.update({name: (metric, arrow) for name, arrow in zip(metric.columns, metric.direction, strict=True)})
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        metric, arrow = columns[row.metric]
        groups.setdefault((row.method, row.metric), []).append(row)
        if metric.difficult_part:
            name = f"{row.metric}_difficult"
            columns[name] = metric, arrow
            groups.setdefault((row.method, name), []).extend([row] if row.difficult else [])
    return [
        _summary(method, column, group, *columns[column], seed=seed, n_draws=n_draws)
        for (method, column), group in groups.items()
    ]


def _summary(method, column, rows, metric, direction, *, seed, n_draws):
    judged = [row for row in rows if row.value is not None]
    value = low = high = None
    if judged:
        statistic = STATISTICS[metric.statistic](judged)
        n_images = len({row.image for row in judged})
        rng = np.random.default_rng(seed)
        of_draws = [
            statistic(np.bincount(rng.integers(n_images, size=n_images), minlength=n_images)) for _ in range(n_draws)
        ]
        value = statistic(np.ones(n_images, int))
        low, high = map(float, np.percentile(of_draws, [2.5, 97.5]))
    return Summary(method, column, value, low, high, len(judged), len(rows) - len(judged), direction, metric.unit)


# The table


def markdown_table(summaries: Sequence[Summary]) -> str:
    """Return the table of `Summary`s in Markdown: a row for each method, the best of each column bold."""
    header, lines = _cells(summaries, lambda text: f"**{text}**")
    rule = ["---"] + ["---:"] * (len(header) - 1)
    return "".join(f"| {' | '.join(line)} |\n" for line in [header, rule, *lines])


def latex_table(summaries: Sequence[Summary]) -> str:
    """Return the table of `Summary`s in LaTeX, for the package booktabs."""
    header, lines = _cells(summaries, lambda text: f"\\textbf{{{text}}}")
    written = {"↓": r"$\downarrow$", "↑": r"$\uparrow$", "–": "--", **{special: f"\\{special}" for special in "_%&#"}}
    body = [" & ".join("".join(written.get(c, c) for c in cell) for cell in line) + r" \\" for line in [header, *lines]]
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


def console_table(summaries: Sequence[Summary], title: str | None = None) -> "Table":
    """Return the table of `Summary`s as a `rich.table.Table`."""
    from rich.markup import escape
    from rich.table import Table

    header, lines = _cells(summaries, lambda text: f"[bold green]{text}[/]")
    table = Table(title=title and escape(title), title_justify="left")
    for number, name in enumerate(header):
        table.add_column(name, justify="right" if number else "left", no_wrap=not number)
    for line in lines:
        table.add_row(*[cell if "[bold" in cell else cell.replace("[", r"\[") for cell in line])
    return table


def _cells(summaries, bold):
    """The header, and for each method a line of cells: "0.523 [0.481, 0.570]", the best of a column in bold."""
    methods, columns = (list(dict.fromkeys(summary[field] for summary in summaries)) for field in (0, 1))
    cells, best = {}, _best(summaries)
    for summary in summaries:
        place = summary.method, summary.metric
        if summary.value is None:
            cells[place] = "–"
            continue
        value, low, high = (_number(number, summary.unit) for number in (summary.value, summary.low, summary.high))
        value = bold(value) if summary.value == best[summary.metric] else value
        cells[place] = f"{value} [{low}, {high}]"
    heads = {summary.metric: summary.column for summary in summaries}
    header = ["method", *[heads[column] for column in columns]]
    return header, [[method, *[cells[method, column] for column in columns]] for method in methods]


def _best(summaries):
    """dict of column → its best value; None where there are no two values to compare."""
    best = {}
    for column in {summary.metric for summary in summaries}:
        values = [summary.value for summary in summaries if summary.metric == column and summary.value is not None]
        direction = next(summary.direction for summary in summaries if summary.metric == column)
        best[column] = (max if direction == "↑" else min)(values) if len(values) > 1 else None
    return best


def _number(value, unit):
    """A number with a unit may be of any size: three digits of it are shown, and else three decimals."""
    return f"{value:.3g}" if unit else f"{value:.3f}"
