"""Learnt masks on six sample photographs: do they do what they are learnt for, and what does a shorter climb cost?

    python benchmarks/learnt_masks.py              about twelve minutes on two cores

Extremal perturbation is asked for three areas, with all of its 800 steps and with `tolerance=0.01`, which hurries once
the reward has settled: the score of the class for the image behind each mask (that of the whole image beside it), the
area of each mask on the image, the correlation of the two maps. Meaningful perturbation starts from a disc: the
probability that its mask leaves, and the correlation of its map with that of another seed and of a random start.

What the authors' programs reach on this network, six photographs, in the mean: scores 4.4, 8.7 and 12.2 (10.0 of the
whole image) at areas of 0.066-0.089, 0.137-0.161 and 0.271-0.288; a probability below 0.05 for each, 0.02 in the mean.
"""

import argparse
import json
import os
import time
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tp_visualisation as tpv
from tp_visualisation.images import resize

NAMES = ["bull_mastiff", "strawberry", "jeep", "goose", "dalmatian", "bald_eagle"]
CLIMBS = {"800 steps": 0.0, "tolerance 0.01": 0.01}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=NAMES, help="sample photographs")
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results"))
    arguments = parser.parse_args()
    classifier = tpv.load_classifier()
    rows = []
    for name in arguments.names:
        sample = tpv.sample_images()[name]
        image = resize(sample.image, classifier.input_size)
        row = {"name": name, "score": float(classifier.scores(image)[0, sample.class_index])}
        row |= extremal(classifier, image, sample.class_index) | meaningful(classifier, image, sample.class_index)
        rows.append(row)
        print(json.dumps(row), flush=True)
        arguments.output.mkdir(parents=True, exist_ok=True)
        (arguments.output / "learnt_masks.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")
    report(rows)


def extremal(classifier, image, target):
    """What each climb reaches, and the correlation of the maps."""
    row, maps = {}, []
    for climb, tolerance in CLIMBS.items():
        start = time.perf_counter()
        found = tpv.saliency.extremal_perturbation(classifier, image, target, tolerance=tolerance, return_masks=True)
        row[climb] = {
            "seconds": time.perf_counter() - start,
            "steps": found.n_steps,
            "scores": found.scores.tolist(),
            "areas": found.areas.tolist(),
        }
        maps.append(found.masks.sum(axis=0))
    return row | {"correlation of the climbs": correlation(*maps)}


def meaningful(classifier, image, target):
    """What the masks from a disc leave of the probability, and how much the map depends on seed and start."""
    start = time.perf_counter()
    disc = tpv.saliency.meaningful_perturbation(classifier, image, target)
    seconds = time.perf_counter() - start
    seed, random = (
        tpv.saliency.meaningful_perturbation(classifier, image, target, **options)
        for options in ({"seed": 1}, {"start": "random"})
    )
    blurred = gaussian_filter(image, (10, 10, 0))
    behind = image + disc[..., None] * (blurred - image)
    return {
        "disc": {
            "seconds": seconds,
            "probability": float(classifier.probabilities(behind)[0, target]),
            "another seed": correlation(disc, seed),
            "random": correlation(disc, random),
        }
    }


def correlation(one, other):
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def report(rows):
    """Print the tables in Markdown, with the means in their last lines."""
    whole = np.mean([row["score"] for row in rows])
    print("\n| photograph | climb | seconds | steps | scores | whole image | areas | correlation |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for climb in CLIMBS:
        for row in rows:
            found = row[climb]
            scores, areas = numbers(found["scores"], 1), numbers(found["areas"], 3)
            cells = f"{found['seconds']:.0f} | {found['steps']} | {scores} | {row['score']:.1f} | {areas}"
            print(f"| {row['name']} | {climb} | {cells} | {row['correlation of the climbs']:.2f} |")
        scores, areas = (np.mean([row[climb][what] for row in rows], axis=0) for what in ("scores", "areas"))
        print(f"| **mean** | {climb} | | | {numbers(scores, 1)} | {whole:.1f} | {numbers(areas, 3)} | |")

    print("\n| photograph | seconds | probability left | another seed | random start |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for row in rows:
        disc = row["disc"]
        cells = [f"{disc['seconds']:.1f}", *(f"{disc[what]:.3f}" for what in ("probability", "another seed", "random"))]
        print(f"| {row['name']} |", " | ".join(cells), "|")
    print(f"| **mean** | | {np.mean([row['disc']['probability'] for row in rows]):.3f} | | |")


def numbers(values, digits):
    return ", ".join(f"{value:.{digits}f}" for value in values)


if __name__ == "__main__":
    main()
