"""Which method's boxes are best? The box of each map against the boxes of a data set.

    python benchmarks/boxes.py annotations/instances_val2017.json          COCO
    python benchmarks/boxes.py VOCdevkit/VOC2007 --limit 500               Pascal VOC
    python benchmarks/boxes.py instances.json --images FOLDER --methods grad_cam rise

For each category in each photograph the map of its class gives one box, `bounding_box`, which overlaps the best of the
category's boxes by some intersection over union. A box needs a share, of the maximum or of the mass, and each method
has one that suits it: Choe et al., "Evaluating weakly supervised object localization methods right", 2020,
https://arxiv.org/abs/2001.07437. So every share is tried. The one with the fewest errors in every second photograph is
chosen, and errors are counted in the others; then the two halves change places.

    at 0.15      localisation error with 0.15 of the maximum, as in the papers of Grad-CAM
    error        localisation error with the share chosen on the other half, and these shares
    overlap      mean intersection over union, with the same shares
    energy       share of the map inside the boxes; of the whole image, the share that the boxes cover

A box in the middle, of half the width and height, and the whole image are what a method does that sees nothing. Errors
have 95 % intervals, by bootstrap over photographs. Every number goes to a CSV file as soon as it is known; started
again after any end, the program goes on from there.
"""

import argparse
import csv
import os
from pathlib import Path

import numpy as np
from tqdm import tqdm

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

METHODS = ["gradient", "smoothgrad", "cam", "grad_cam", "grad_cam_plus_plus", "excitation_backprop", "group_cam"]
SHARES = {"maximum": [0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7], "mass": [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]}
SETTINGS = [(of, share) for of, shares in SHARES.items() for share in shares]
USUAL = SETTINGS.index(("maximum", 0.15))
LEAST_OVERLAP = 0.5
WITHOUT_A_MAP = ["the whole image", "a box in the middle"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", help="a COCO file of instances, or a year's folder of Pascal VOC")
    parser.add_argument("--images", type=Path, help="folder of COCO's photographs")
    parser.add_argument("--limit", type=int, help="photographs, drawn at random; all by default")
    parser.add_argument("--methods", nargs="+", default=METHODS)
    parser.add_argument("--network", default="efficientnet_lite0")
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results/boxes.csv"))
    arguments = parser.parse_args()

    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    measure(arguments)
    with arguments.output.open(newline="") as file:
        rows = list(csv.reader(file))
    print(table([row for row in rows if row[2] in [*WITHOUT_A_MAP, *arguments.methods]]))


def measure(arguments):
    """Write a row (photograph, category, method, energy, overlap at each of `SETTINGS`) for each map not there yet."""
    import tp_visualisation as tpv
    from tp_visualisation.evaluation.study.examples import choose, examples_of, read_dataset

    data = read_dataset(arguments.dataset, images=arguments.images)
    classifier = tpv.load_classifier(arguments.network)
    examples = examples_of(data._replace(photographs=choose(data.photographs, arguments.limit, 0)), classifier)
    arguments.output.touch()
    with arguments.output.open("r+", newline="") as file:
        known = {tuple(row[:3]) for row in csv.reader(file)}
        writer = csv.writer(file)
        for example in tqdm(examples, unit=" categories", delay=1):
            image, size = example.photograph.load(), example.photograph.size
            target = example.target(classifier, image)
            for method in [*WITHOUT_A_MAP, *arguments.methods]:
                subject = example.name, example.category, method
                if subject not in known:
                    saliency_map = without_a_map(method, size)
                    if saliency_map is None:
                        saliency_map = tpv.saliency.METHODS[method](classifier, image, target)
                    writer.writerow([*subject, *numbers(saliency_map, example.boxes)])
                    file.flush()


def without_a_map(name, size):
    """The map (H, W) that one of `WITHOUT_A_MAP` comes to; None for a method."""
    height, width = size
    saliency_map = np.zeros(size, np.float32)
    if name == WITHOUT_A_MAP[0]:
        saliency_map[:] = 1
    elif name == WITHOUT_A_MAP[1]:
        saliency_map[height // 4 : -(height // 4), width // 4 : -(width // 4)] = 1
    else:
        return None
    return saliency_map


def numbers(saliency_map, boxes):
    """The map's energy in the boxes, and the overlap of its box at each of `SETTINGS`."""
    from tp_visualisation.evaluation import Box, box_overlap, energy_in_box, intersection_over_union

    if np.ptp(saliency_map) == 0:  # flat: its box is the whole image
        height, width = saliency_map.shape
        covered = np.zeros_like(saliency_map)
        for left, top, right, bottom in np.array(boxes).round().astype(int):
            covered[top:bottom, left:right] = 1
        overlap = max(intersection_over_union(Box(0, 0, width, height), box) for box in boxes)
        return [covered.mean(), *[overlap] * len(SETTINGS)]
    overlaps = [box_overlap(saliency_map, boxes, share=share, of=of) for of, share in SETTINGS]
    return [energy_in_box(saliency_map, boxes), *overlaps]


def table(rows):
    """The table of the docstring, in Markdown, from rows of text."""
    photographs = sorted({row[0] for row in rows})
    half_of = {name: number % 2 for number, name in enumerate(photographs)}
    lines = [
        f"{len(photographs)} photographs, {len({tuple(row[:2]) for row in rows})} maps a method",
        "",
        "| method | at 0.15 | error | with | overlap | energy |",
        "| --- | ---: | ---: | --- | ---: | ---: |",
    ]
    for method in dict.fromkeys(row[2] for row in rows):
        names = np.array([row[0] for row in rows if row[2] == method])
        values = np.array([row[3:] for row in rows if row[2] == method], float)
        energy, overlaps = values[:, 0], values[:, 1:]
        errors, half = overlaps < LEAST_OVERLAP, np.array([half_of[name] for name in names])
        best = [errors[half != part].mean(axis=0).argmin() for part in (0, 1)]  # chosen on the other half
        chosen = np.array(best)[half]
        error, overlap = (array[np.arange(len(half)), chosen] for array in (errors, overlaps))
        shares = " and ".join(dict.fromkeys(f"{SETTINGS[number][1]:g} of the {SETTINGS[number][0]}" for number in best))
        low, high = interval(error, names)
        lines.append(
            f"| {method} | {errors[:, USUAL].mean():.2f} | {error.mean():.2f} [{low:.2f}, {high:.2f}] | "
            f"{'' if method in WITHOUT_A_MAP else shares} | {overlap.mean():.2f} | {energy.mean():.2f} |"
        )
    return "\n".join(lines)


def interval(values, names, n_samples=2000):
    """The 95 % interval of a mean, photographs drawn again and again."""
    unique, which = np.unique(names, return_inverse=True)
    sums, counts = np.bincount(which, values), np.bincount(which)
    drawn = np.random.default_rng(0).integers(0, len(unique), (n_samples, len(unique)))
    return np.percentile(sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1), [2.5, 97.5])


if __name__ == "__main__":
    main()
