"""The pointing game of SESS's document, its Table 3, row by row: any COCO file or Pascal VOC folder, any network.

    python benchmarks/pointing.py VOCdevkit/VOC2007 --network resnet50 --workers 8
    python benchmarks/pointing.py annotations/instances_val2014.json --images val2014 --network resnet50 --workers 8
    python benchmarks/pointing.py coco/instances.json --limit 8 --rows Grad-CAM "Grad-CAM + SESS"

Tursun et al., "SESS: saliency enhancing with scaling and sliding", 2022, https://arxiv.org/abs/2207.01769. For each
category in each image: does the maximum of the map lie on one of its boxes, 15 pixels around them included? The number
is the mean of the categories' accuracies, on all maps and on the difficult part: boxes under a quarter of the image and
another category in it. As in the document SESS takes ten scales and the tenth of the windows where the class is most
probable, unsmoothed; extremal perturbation adds up the areas 0.025, 0.05, 0.1 and 0.2 and smooths the sum, and hurries
once its reward has settled (`tolerance=0.01`).

The document's networks were trained on the data sets' own categories. An ImageNet network is asked for the most
probable of the classes that a category means (`--class-mapping`, built in for ImageNet): its numbers are others.
A network of one's own comes as a file with `--labels`, a category a line.

Every map's row goes to disk as soon as it is known; the same command goes on from there. On a cluster: `--scheduler`.
"""

import argparse
import os
import re
from functools import partial
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tp_visualisation as tpv
from tp_visualisation.cli.before import read_labels
from tp_visualisation.saliency import METHODS


class TableRow(NamedTuple):
    """A row of the table: a method of `METHODS` with its options, and the document's accuracies, all and difficult.

    `voc` and `coco` are those of VGG16, then of ResNet-50; "" where the document has no such row.
    """

    method: str
    options: dict
    voc: str
    coco: str


SESS = {"n_scales": 10, "pre_filter": 0.9, "smooth": False}
EXTREMAL = {"areas": (0.025, 0.05, 0.1, 0.2), "smooth": 0.09, "tolerance": 0.01}
ROWS = {
    "Grad-CAM": TableRow("grad_cam", {}, "86.6/74.0, 90.4/82.3", "54.2/49.0, 57.3/52.3"),
    "Grad-CAM + SESS": TableRow("sess", {"base": "grad_cam", **SESS}, "90.4/80.8, 93.0/86.1", "62.0/57.8, 67.0/63.2"),
    "Guided-BP": TableRow("guided_backprop", {}, "75.9/53.0, 77.2/59.4", "39.1/31.4, 42.1/35.3"),
    "Guided-BP + SESS": TableRow(
        "sess", {"base": "guided_backprop", **SESS}, "79.4/64.2, 86.0/75.7", "39.5/34.5, 44.0/39.4"
    ),
    "Group-CAM": TableRow("group_cam", {}, "80.2/64.9, 84.2/71.0", "47.4/41.1, 48.6/42.4"),
    "Group-CAM + SESS": TableRow("sess", {"base": "group_cam", **SESS}, "89.5/79.8, 92.4/85.3", "61.2/56.9, 66.2/62.3"),
    "RISE": TableRow("rise", {}, "86.9/75.1, 86.4/78.8", "50.8/45.3, 54.7/50.0"),
    "EBP": TableRow("excitation_backprop", {}, "77.1/56.6, 84.5/70.8", "39.8/32.8, 49.6/43.9"),
    "EBP, contrastive": TableRow("excitation_backprop", {"contrastive": True}, "", ""),
    "EP": TableRow("extremal_perturbation", EXTREMAL, "88.0/76.1, 88.9/78.7", "51.5/45.9, 56.5/51.5"),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", help="a year's folder of Pascal VOC, or a COCO file of instances")
    parser.add_argument("--images", help="COCO: folder of the photographs; looked for beside the file by default")
    parser.add_argument("--split", help="VOC: test by default")
    parser.add_argument("--class-mapping", help="JSON file: category -> classes of the network")
    parser.add_argument("--rows", nargs="+", default=list(ROWS), choices=list(ROWS), metavar="ROW")
    parser.add_argument("--limit", type=int, help="photographs, drawn with seed 0")
    parser.add_argument("--network", default="efficientnet_lite0", help="a name of `tpvis networks`, or a .keras file")
    parser.add_argument("--weights", help="weights file of a named network")
    parser.add_argument("--labels", type=Path, help="of a network of one's own: text file, a class a line")
    parser.add_argument("--preprocess", help='what a network of one\'s own was trained on: "[-1,1]", for instance')
    parser.add_argument("--engine", default="tensorflow", help="of forward passes")
    parser.add_argument("--workers", type=int, help="processes of this machine")
    parser.add_argument("--scheduler", help="address of a Dask scheduler, see docs/cluster.md")
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results/pointing"), help="folder")
    arguments = parser.parse_args()

    there = {name: ROWS[name] for name in arguments.rows if ROWS[name].method in METHODS}
    for name in arguments.rows:
        if name not in there:
            print(f"{name} is left out: there is no method {ROWS[name].method}")
    arguments.output.mkdir(parents=True, exist_ok=True)
    summaries = []
    for name, row in there.items():  # a file for each row of the table: rows can be added later
        result = tpv.evaluation.benchmark(
            partial(make_classifier, arguments),
            arguments.dataset,
            {name: partial(METHODS[row.method], **row.options)},
            ["pointing", "time"],
            output=arguments.output / f"{'-'.join(re.findall('[a-z]+', name.lower()))}.csv",
            split=arguments.split,
            images=arguments.images,
            class_mapping=arguments.class_mapping,
            limit=arguments.limit,
            n_workers=arguments.workers,
            scheduler=arguments.scheduler,
            progress=True,
        )
        summaries += result.summaries
        print(f"{name}: {', '.join(f'{s.metric} {s.value}' for s in result.summaries)}", flush=True)
    text = table(summaries)
    (arguments.output / "table.md").write_text(text + "\n", encoding="utf-8")
    print(f"\n{arguments.dataset}, {arguments.network}\n\n{text}")


def make_classifier(arguments):
    """The network that was asked for; each of Dask's workers makes its own."""
    options = {"labels": arguments.labels and read_labels(arguments.labels), "preprocess": arguments.preprocess}
    own = {name: value for name, value in options.items() if value is not None}
    weights = {"weights": arguments.weights} if arguments.weights else {}
    return tpv.load_classifier(arguments.network, engine=arguments.engine, **weights, **own)


def table(summaries):
    """The table in Markdown: accuracies in per cent with their 95 % intervals, seconds, and the document's numbers."""
    numbers = {(summary.method, summary.metric): summary for summary in summaries}
    lines = [
        "| method | all | difficult | maps | seconds | document, VOC07: VGG16, ResNet-50 | document, COCO |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name in dict.fromkeys(summary.method for summary in summaries):
        everything, difficult = numbers[name, "pointing"], numbers.get((name, "pointing_difficult"))
        maps = f"{everything.n}, {difficult.n if difficult else 0} difficult"
        maps += f", {everything.failed} failed" if everything.failed else ""
        seconds = numbers[name, "time"].value
        cells = [accuracy(everything), accuracy(difficult), maps, "" if seconds is None else f"{seconds:.2f}"]
        lines.append("| " + " | ".join([name, *cells, ROWS[name].voc, ROWS[name].coco]) + " |")
    return "\n".join(lines)


def accuracy(summary):
    """In per cent, with its interval."""
    if summary is None or summary.value is None:
        return ""
    return f"{100 * summary.value:.1f} ({100 * summary.low:.0f} to {100 * summary.high:.0f})"


if __name__ == "__main__":
    main()
