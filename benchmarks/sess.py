"""Does SESS improve its base method, and what does it cost? Scales, pre-filtering and weights, on the samples.

    python benchmarks/sess.py                             about 20 minutes on two cores
    python benchmarks/sess.py --limit 2 --timed 1 --methods grad_cam
    python benchmarks/sess.py --network resnet50 --images FOLDER --limit 5000

Tursun et al., "SESS: saliency enhancing with scaling and sliding", 2022, https://arxiv.org/abs/2207.01769: our version
of its Fig. 5 and its Tables 1 and 2. As there, maps are not smoothed, and deletion and insertion change 3.6 % of the
pixels at a time (8 rows of 224), for the class that the network predicts.

The windows of many scales contain those of fewer, and pre-filtering only leaves some out: each base method explains
every window once, and all settings are fused from these maps. Seconds are those of whole calls of `sess`, on the first
photographs only, three uncounted calls before.

Every number goes to a CSV file as soon as it is known; started again after any end, the program goes on from there.
"""

import argparse
import csv
import os
import time
from pathlib import Path

import numpy as np
from tqdm import tqdm

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

METHODS = ["grad_cam", "guided_backprop", "group_cam"]
SCALES = [1, 2, 4, 6, 8, 10, 12]
PRE_FILTERS = [0, 0.3, 0.6, 0.9]
TABLES_SCALES, TABLES_PRE_FILTER = 10, 0.9  # what the paper's Table 1 takes
TIMED_SCALES, TIMED_PRE_FILTERS = [6, 12], [0, 0.6, 0.9]
PAPER = {"grad_cam": "+1.3", "guided_backprop": "+4.2", "group_cam": "+1.2"}  # overall, ResNet-50, 5000 images
FIELDS = ["image", "method", "n_scales", "pre_filter", "weights", "measure", "value"]
BASE = (0, 0, 1)  # a setting is (n_scales, pre_filter, weights); no scales: the base method itself


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=int, default=12, help="photographs")
    parser.add_argument("--timed", type=int, default=1, help="photographs on which seconds are measured")
    parser.add_argument("--methods", nargs="+", default=METHODS, choices=METHODS)
    parser.add_argument("--scales", nargs="+", type=int, default=SCALES)
    parser.add_argument("--pre-filters", nargs="+", type=float, default=PRE_FILTERS)
    parser.add_argument("--size", type=int, help="side to which photographs are resized first; their own by default")
    parser.add_argument(
        "--step-size", type=int, default=8 * 224, help="pixels that deletion and insertion change at a time"
    )
    parser.add_argument("--network", default="efficientnet_lite0")
    parser.add_argument("--engine", default="tensorflow", help="of forward passes: openvino makes Group-CAM faster")
    parser.add_argument("--images", type=Path, help="folder of photographs, instead of the samples")
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results"))
    arguments = parser.parse_args()

    arguments.output.mkdir(parents=True, exist_ok=True)
    images = arguments.images.name if arguments.images else "samples"
    name = f"sess-{arguments.network}-{images}-{arguments.size or 'own'}-{arguments.step_size}"
    table = Table(arguments.output / f"{name}.csv")
    study(arguments, table)
    rows = rows_of_whole_photographs(table.rows, arguments)

    text = "\n\n".join(reports(rows, arguments))
    (arguments.output / f"{name}.md").write_text(text + "\n", encoding="utf-8")
    print(text)
    draw(rows, arguments, arguments.output / f"{name}.png")
    print(f"\n{table.path}, {name}.md and {name}.png")


class Table:
    """Rows of a CSV file, also as a dict of FIELDS without the value → value; a row is on disk once it is added."""

    def __init__(self, path):
        self.path, self.rows = path, {}
        whole = path.read_bytes() if path.exists() else b""
        path.write_bytes(whole[: whole.rfind(b"\n") + 1])  # a kill may leave half a row
        with path.open(newline="") as file:
            for row in csv.DictReader(file):
                setting = int(row["n_scales"]), float(row["pre_filter"]), int(row["weights"])
                self.rows[row["image"], row["method"], setting, row["measure"]] = float(row["value"])
        if not whole:
            self._append(FIELDS)

    def add(self, image, method, setting, measure, value):
        self.rows[image, method, setting, measure] = value
        self._append([image, method, *setting, measure, f"{value:.6g}"])

    def _append(self, row):
        with self.path.open("a", newline="") as file:
            csv.writer(file).writerow(row)


def study(arguments, table):
    """Add every row that is missing."""
    import tp_visualisation as tpv
    from tp_visualisation.saliency import find_method

    settings = quality_settings(arguments)
    timed = [BASE, *((n_scales, r, 1) for n_scales in TIMED_SCALES for r in TIMED_PRE_FILTERS)]
    classifier = None
    warm = set()
    photographs = list(photographs_of(arguments))
    units = [(number, method) for number in range(len(photographs)) for method in arguments.methods]
    for number, method in tqdm(units, "SESS study", unit=" images × methods"):
        name, load = photographs[number]
        missing = [
            setting
            for setting in settings
            if any((name, method, setting, measure) not in table.rows for measure in ("insertion", "deletion"))
        ]
        untimed = [setting for setting in timed if (name, method, setting, "seconds") not in table.rows]
        untimed = untimed if number < arguments.timed else []
        if not missing and not untimed:
            continue
        classifier = classifier or tpv.load_classifier(arguments.network, engine=arguments.engine)
        _, image, target = classifier.check(load())
        if untimed and method not in warm:
            for _ in range(3):
                tpv.saliency.sess(classifier, image, target, base=method, n_scales=1)
                find_method(method)(classifier, image, target)
            warm.add(method)
        for setting in untimed:
            table.add(name, method, setting, "seconds", seconds(classifier, image, target, method, setting))
        if missing:
            add_quality(table, classifier, name, method, image, target, missing, arguments.step_size)


def quality_settings(arguments):
    """The base; every number of scales; at the tables' number of scales every pre-filter, and no weights."""
    n_scales = min(TABLES_SCALES, max(arguments.scales))
    settings = [
        BASE,
        *((n, 0, 1) for n in arguments.scales),
        *((n_scales, r, 1) for r in [*arguments.pre_filters, TABLES_PRE_FILTER]),
        *((n_scales, r, 0) for r in (0, TABLES_PRE_FILTER)),
    ]
    return list(dict.fromkeys(settings))


def photographs_of(arguments):
    """Yield (name, function that reads the photograph)."""
    import tp_visualisation as tpv

    if arguments.images:
        paths = sorted(path for path in arguments.images.iterdir() if path.is_file())[: arguments.limit]
        yield from ((path.name, lambda path=path: tpv.load_image(path, arguments.size)) for path in paths)
    else:
        for sample in tpv.sample_images()[: arguments.limit]:
            yield sample.name, lambda sample=sample: tpv.load_image(sample.path, arguments.size)


def seconds(classifier, image, target, method, setting):
    from tp_visualisation.saliency import find_method, sess

    n_scales, pre_filter, _ = setting
    start = time.perf_counter()
    if n_scales == 0:
        find_method(method)(classifier, image, target)
    else:
        sess(classifier, image, target, base=method, n_scales=n_scales, pre_filter=pre_filter, smooth=False)
    return time.perf_counter() - start


def add_quality(table, classifier, name, method, image, target, settings, step_size):
    """Explain every window once, fuse the maps as each setting wants them, and judge the results."""
    from tp_visualisation.evaluation import deletion, insertion
    from tp_visualisation.saliency import find_method, sess

    most = max(n_scales for n_scales, _, _ in settings)
    windows = []
    if most:
        _, windows = sess(classifier, image, target, base=method, n_scales=most, smooth=False, return_windows=True)
    for setting in settings:
        saliency_map = fused(windows, setting, image) if setting[0] else find_method(method)(classifier, image, target)
        for measure, judge in {"insertion": insertion, "deletion": deletion}.items():
            if (name, method, setting, measure) in table.rows:
                continue
            try:
                value = judge(classifier, image, saliency_map, target, step_size=step_size).auc
            except ValueError:  # a constant map ranks nothing: no number, and none again after a restart
                value = np.nan
            table.add(name, method, setting, measure, value)


def fused(windows, setting, image):
    """What `sess` gives for a setting, from the windows of as many scales or more, all of them explained."""
    from tp_visualisation.saliency import fusion, pre_filtering

    n_scales, pre_filter, weights = setting
    windows = [window for window in windows if window.scale < n_scales]
    kept = [windows[index] for index in pre_filtering(windows, pre_filter)]
    if not weights:
        kept = [window._replace(probability=1.0) for window in kept]
    return fusion(kept, image.shape[:2])


# Tables and figure


def rows_of_whole_photographs(rows, arguments):
    """The rows of the photographs asked for, but of those with a map that could not be judged: all means share them."""
    names = {name for name, _ in photographs_of(arguments)}
    names -= {name for (name, method, *_), value in rows.items() if method in arguments.methods and np.isnan(value)}
    return {key: value for key, value in rows.items() if key[0] in names}


def values_of(rows, method, setting, measure):
    """The values over the photographs, as an array; overall is insertion minus deletion."""
    if measure == "overall":
        return values_of(rows, method, setting, "insertion") - values_of(rows, method, setting, "deletion")
    names = dict.fromkeys(key[0] for key in rows)
    found = [rows.get((name, method, setting, measure), np.nan) for name in names]
    return np.array(found)


def mean(rows, method, setting, measure):
    values = values_of(rows, method, setting, measure)
    return np.nan if np.isnan(values).all() else np.nanmean(values)  # seconds are known for a few photographs only


def reports(rows, arguments):
    """Yield the tables in Markdown; probabilities are in percent."""
    n_scales = min(TABLES_SCALES, max(arguments.scales))
    n_images = len({key[0] for key in rows})
    yield f"# SESS, {arguments.network}, {n_images} photographs\n\nInsertion / deletion / overall, in percent."
    yield "## Number of scales, all windows (Fig. 5)\n\n" + quality_table(
        rows, arguments.methods, {"base": BASE} | {f"{n}": (n, 0, 1) for n in arguments.scales}, "scales"
    )
    yield f"## Pre-filter ratio, {n_scales} scales (Fig. 5)\n\n" + quality_table(
        rows, arguments.methods, {f"{r:g}": (n_scales, r, 1) for r in arguments.pre_filters}, "ratio"
    )
    weights = {
        f"{name}, ratio {r:g}": (n_scales, r, w) for r in (0, TABLES_PRE_FILTER) for name, w in (("on", 1), ("off", 0))
    }
    yield f"## Channel weights, {n_scales} scales\n\n" + quality_table(rows, arguments.methods, weights, "weights")
    yield f"## Against the base (Table 1): {n_scales} scales\n\n" + gain_table(rows, arguments.methods, n_scales)
    yield "## Seconds (Table 2)\n\n" + time_table(rows, arguments.methods)


def quality_table(rows, methods, settings, title):
    lines = [[title, *methods]]
    for name, setting in settings.items():
        cells = (
            " / ".join(f"{100 * mean(rows, method, setting, measure):.1f}" for measure in MEASURES)
            for method in methods
        )
        lines.append([name, *cells])
    return markdown(lines)


def gain_table(rows, methods, n_scales):
    """Overall of SESS minus that of its base on the same photographs, with 95 % bootstrap intervals."""
    lines = [["method", "base", "SESS, ratio 0", "gain", "SESS, ratio 0.9", "gain", "paper's gain, ResNet-50"]]
    for method in methods:
        base = values_of(rows, method, BASE, "overall")
        line = [method, f"{100 * base.mean():.1f}"]
        for r in (0, TABLES_PRE_FILTER):
            gain = 100 * (values_of(rows, method, (n_scales, r, 1), "overall") - base)
            draws = np.random.default_rng(0).choice(gain, (2000, len(gain))).mean(axis=1)
            low, high = np.percentile(draws, [2.5, 97.5])
            line += [f"{100 * mean(rows, method, (n_scales, r, 1), 'overall'):.1f}"]
            line += [f"{gain.mean():+.1f} [{low:+.1f}, {high:+.1f}]"]
        lines.append([*line, PAPER[method]])
    return markdown(lines)


def time_table(rows, methods):
    lines = [["method", "base", *(f"{n} scales, ratio {r:g}" for n in TIMED_SCALES for r in TIMED_PRE_FILTERS)]]
    for method in methods:
        settings = [BASE, *((n, r, 1) for n in TIMED_SCALES for r in TIMED_PRE_FILTERS)]
        lines.append([method, *(f"{mean(rows, method, setting, 'seconds'):.2f}" for setting in settings)])
    return markdown(lines)


def markdown(lines):
    lines = [lines[0], ["---"] * len(lines[0]), *lines[1:]]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


MEASURES = ("insertion", "deletion", "overall")


def draw(rows, arguments, path):
    """Insertion, deletion and overall against the number of scales, above, and the pre-filter ratio, below."""
    from matplotlib.figure import Figure

    n_scales = min(TABLES_SCALES, max(arguments.scales))
    figure = Figure(figsize=(11, 6.4), layout="constrained")
    rows_of_axes = figure.subplots(2, 3)
    studies = [
        ("number of scales", {n: (n, 0, 1) for n in arguments.scales}),
        (f"pre-filter ratio, {n_scales} scales", {r: (n_scales, r, 1) for r in arguments.pre_filters}),
    ]
    for axes, (label, settings) in zip(rows_of_axes, studies, strict=True):
        for axis, measure in zip(axes, MEASURES, strict=True):
            for method in arguments.methods:
                means = [100 * mean(rows, method, setting, measure) for setting in settings.values()]
                (line,) = axis.plot(list(settings), means, "o-", markersize=4, label=method)
                axis.axhline(100 * mean(rows, method, BASE, measure), color=line.get_color(), ls=":", lw=1)
            axis.set(xlabel=label, ylabel=f"{measure} (%)")
            axis.grid(alpha=0.3)
    rows_of_axes[0, 0].legend(fontsize=8, title="dotted: without SESS", title_fontsize=8)
    figure.savefig(path, dpi=100)


if __name__ == "__main__":
    main()
