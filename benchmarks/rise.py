"""How long until a RISE map is right? The course's program, plain RISE, Xplique's, and ours, on the same photographs.

    python benchmarks/rise.py                  every contender, eight photographs (about half an hour on two cores)
    python benchmarks/rise.py --photographs 2  a quick look

A map is judged by its Pearson correlation with a long run of ours (8192 masks of another seed, kept in the output
folder). Each contender runs in a process of its own, so that its peak memory can be told; times leave out imports,
loading and a first pass. What counts are the ratios within one run: absolute times belong to the machine.

Contenders
    seed       the course's program: masks drawn, applied and predicted at once (28 x 28 cells, probabilities of the
               top 3). 700 masks are timed; its 7000 would take ten times as long and over 14 GB, and their map is
               computed by `rise`
    plain      the paper's estimator, 4000 masks through Keras' `predict`
    xplique    Xplique's Rise with 4000 samples, in a virtual environment of its own (see methods.py)
    NAME       ours, balanced masks, by engine: tensorflow, tensorflow-bf16, openvino, openvino-bf16
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

PHOTOGRAPHS = ["dalmatian", "bald_eagle", "strawberry", "bull_mastiff", "goose", "cannon", "yurt", "dung_beetle"]
CONTENDERS = ["seed", "plain", "xplique", "tensorflow", "tensorflow-bf16", "openvino", "openvino-bf16"]
REFERENCE, REFERENCE_MASKS, REFERENCE_SEED = "rise-reference.npz", 8192, 12345


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photographs", type=int, default=len(PHOTOGRAPHS))
    parser.add_argument("--contenders", nargs="+", default=CONTENDERS, choices=CONTENDERS)
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results"))
    parser.add_argument("--run", nargs=2, metavar=("CONTENDER", "FOLDER"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    names = PHOTOGRAPHS[: arguments.photographs]
    if arguments.run:
        run(arguments.run[0], Path(arguments.run[1]), names)
        return

    arguments.output.mkdir(parents=True, exist_ok=True)
    results = {}
    for contender in ["reference", *arguments.contenders]:
        command = [sys.executable, __file__, "--photographs", str(len(names)), "--run", contender, arguments.output]
        if subprocess.run(command).returncode == 0 and contender != "reference":
            results[contender] = json.loads((arguments.output / f"rise-{contender}.json").read_text(encoding="utf-8"))
    report(results, names)
    figure(results, arguments.output / "rise.png")


def run(contender, folder, names):
    """Run one contender on every photograph; write its curves (seconds, masks, correlation) and its peak memory."""
    import tp_visualisation as tpv

    samples = tpv.sample_images()
    photographs = {name: samples[name] for name in names}
    if contender == "reference":
        if not (folder / REFERENCE).exists() or not set(names) <= set(np.load(folder / REFERENCE)):
            classifier = tpv.load_classifier()
            options = {"n_masks": REFERENCE_MASKS, "tolerance": 0, "seed": REFERENCE_SEED}
            maps = {
                name: tpv.saliency.rise(classifier, sample.image, sample.class_index, **options)
                for name, sample in photographs.items()
            }
            np.savez(folder / REFERENCE, **maps)
        return

    references = np.load(folder / REFERENCE)
    if contender == "xplique":
        curves, peak = xplique(references, names)
    else:
        classifier = tpv.load_classifier(engine="tensorflow" if contender in ("seed", "plain") else contender)
        curves_of = {"seed": seed_program, "plain": plain_rise}.get(contender, ours)
        curves_of(classifier, photographs[names[0]], references[names[0]], warm_up=True)
        curves = {name: curves_of(classifier, sample, references[name]) for name, sample in photographs.items()}
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    result = {"curves": curves, "gigabytes": peak}
    if contender not in ("seed", "plain", "xplique"):
        result["default"] = {
            name: as_called(classifier, sample, references[name]) for name, sample in photographs.items()
        }
        result["share"] = share_of_passes(classifier, photographs[names[0]])
    (folder / f"rise-{contender}.json").write_text(json.dumps(result), encoding="utf-8")


def correlation(saliency_map, reference):
    return float(np.corrcoef(saliency_map.ravel(), reference.ravel())[0, 1])


def seed_program(classifier, sample, reference, warm_up=False, m=700):
    """The course's program: every mask and every masked image in memory at once, one call of `predict`."""
    import cv2

    m = 64 if warm_up else m
    x = classifier.prepare(sample.image)[0]
    start = time.perf_counter()
    height, width = x.shape[:2]
    grids = np.random.default_rng(0).binomial(1, 0.5, (m, height // 8, width // 8)).astype(np.float32)
    masks = np.array([cv2.resize(grid, (width, height), interpolation=cv2.INTER_LINEAR) for grid in grids])[..., None]
    masked = masks * np.repeat(x[None], m, axis=0)
    scores = classifier.model.predict(masked, verbose=0)
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    in_top_3 = (np.argsort(-p, axis=1)[:, :3] == sample.class_index).any(axis=1)
    weights = np.where(in_top_3, p[:, sample.class_index], 0)
    saliency_map = np.sum(masks * weights[:, None, None, None], axis=0)[..., 0] / m
    seconds = time.perf_counter() - start
    curve = [[seconds, m, correlation(cv2.resize(saliency_map, reference.shape[::-1]), reference)]]
    return curve if warm_up else [*curve, [10 * seconds, 10 * m, correlation(seed_map(sample, 10 * m), reference)]]


@cache
def fast_classifier():
    import tp_visualisation as tpv

    return tpv.load_classifier(engine="fastest")


def seed_map(sample, m):
    """The map of the course's program by the same estimator in batches, as its own way needs 2 GB for 700 masks."""
    from tp_visualisation.saliency import rise

    options = {"design": "random", "n_masks": m, "grid_size": 28, "shift": False, "top_k": 3}
    return rise(fast_classifier(), sample.image, sample.class_index, **options)


def plain_rise(classifier, sample, reference, warm_up=False, n_masks=4000, batch_size=100):
    """The paper's estimator with masks made on the host and scored by Keras' `predict`, as programs around it do."""
    import cv2

    from tp_visualisation.classifier import probabilities_of
    from tp_visualisation.saliency import random_grids, upsampling

    x = classifier.prepare(sample.image)[0]
    height, width = x.shape[:2]
    rows, columns = upsampling(height, 7), upsampling(width, 7)
    total, count, curve, start = 0, 0, [], time.perf_counter()
    for grids, shifts in random_grids(batch_size if warm_up else n_masks, 7, 0.5, batch_size, seed=0):
        corners = (shifts * [len(rows) // 8, len(columns) // 8]).astype(int)
        placed = zip(grids, corners, strict=True)
        masks = np.stack([rows[dy : dy + height] @ grid @ columns[dx : dx + width].T for grid, (dy, dx) in placed])
        scores = classifier.model.predict(x * masks[..., None], batch_size=32, verbose=0)
        p = probabilities_of(scores)[:, sample.class_index]
        total, count = total + np.tensordot(p, masks, axes=1), count + len(masks)
        seconds = time.perf_counter() - start
        curve.append([seconds, count, correlation(cv2.resize(total, reference.shape[::-1]), reference)])
    return curve


def xplique(references, names, n_masks=4000):
    """Xplique's Rise at its own defaults but for the number of samples; the map is at the network's input size."""
    import cv2
    from methods import run_on_samples

    maps, peak = run_on_samples("Xplique", "rise", names, n_masks)
    curves = {}
    for name, (seconds, saliency_map) in maps.items():
        resized = cv2.resize(saliency_map, references[name].shape[::-1])
        curves[name] = [[seconds, n_masks, correlation(resized, references[name])]]
    return curves, peak


def ours(classifier, sample, reference, warm_up=False, n_masks=1536):
    """Balanced masks, without early stopping so that the whole curve is seen."""
    from tp_visualisation.saliency import rise_estimates

    n_masks = 128 if warm_up else n_masks
    curve, start = [], time.perf_counter()
    for estimate in rise_estimates(classifier, sample.image, sample.class_index, n_masks=n_masks, tolerance=0):
        seconds = time.perf_counter() - start
        curve.append([seconds, estimate.n_masks, correlation(estimate.saliency_map, reference)])
    return curve


def as_called(classifier, sample, reference):
    """`rise` as a student calls it: seconds, masks when it stopped, correlation."""
    from tp_visualisation.saliency import rise

    start = time.perf_counter()
    estimate = rise(classifier, sample.image, sample.class_index, return_estimate=True)
    return [time.perf_counter() - start, estimate.n_masks, correlation(estimate.saliency_map, reference)]


def share_of_passes(classifier, sample, n_masks=512, batch_size=16, rounds=7):
    """RISE's masks a second over the same engine's plain forward passes a second, in turns: the median ratio."""
    from tp_visualisation.saliency import rise

    images = np.repeat(classifier.prepare(sample.image), batch_size, axis=0)
    options = {"n_masks": n_masks, "tolerance": 0, "batch_size": batch_size}

    def seconds_of(work):
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    def passes():
        for _ in range(n_masks // batch_size):
            classifier.run(probabilities, images)

    def masks():
        rise(classifier, sample.image, sample.class_index, **options)

    passes()
    return float(np.median([seconds_of(passes) / seconds_of(masks) for _ in range(rounds)]))


def probabilities(network, images):
    return network.probabilities(images)


def seconds_to_reach(curve, wanted):
    """The first time at which a curve reaches a correlation, or infinity."""
    return next((seconds for seconds, _, reached in curve if reached >= wanted), np.inf)


LABELS = {
    "seed": "the course's program, 700 and 7000 masks",
    "plain": "plain RISE through predict",
    "xplique": "Xplique",
    "tensorflow": "ours, TensorFlow (default)",
    "tensorflow-bf16": "ours, TensorFlow in bf16",
    "openvino": "ours, OpenVINO",
    "openvino-bf16": "ours, OpenVINO in bf16",
}
AIMS = {"plain": "plain's 4000", "xplique": "Xplique's 4000", "seed": "the course's 7000"}


def report(results, names):
    """Print one row for each contender: medians over the photographs.

    "as called" is ours with its own stopping rule; "of plain passes" its masks a second, against the forward passes
    that the same engine does without any mask. The last columns: seconds until the correlation is the one that another
    program ends with, and how many times faster that is, photograph by photograph.
    """
    aims = {name: text for name, text in AIMS.items() if name in results}
    header = ["", "ms a mask", "peak GB", "masks, r at the end", "as called: s, masks, r", "of plain passes"]
    rows = [[*header, *(f"s to the r of {text}" for text in aims.values())]]
    for contender, result in results.items():
        curves, called = result["curves"], result.get("default")
        ends = np.array([curves[name][-1] for name in names])
        milliseconds = f"{np.median(1e3 * ends[:, 0] / ends[:, 1]):.1f}"
        end = f"{ends[0, 1]:.0f}, {np.median(ends[:, 2]):.3f}"
        row = [contender, milliseconds, f"{result['gigabytes']:.2f}", end, "", ""]
        if called:
            seconds, masks, reached = np.median([called[name] for name in names], axis=0)
            row[4:] = [f"{seconds:.1f}, {masks:.0f}, {reached:.3f}", f"{result['share']:.0%}"]
        for aim in aims:
            wanted = np.array([results[aim]["curves"][name][-1] for name in names])
            reach = np.array([seconds_to_reach(curves[name], r) for name, (_, _, r) in zip(names, wanted, strict=True)])
            never = np.isinf(np.median(reach))
            row.append("never" if never else f"{np.median(reach):.1f} ({np.median(wanted[:, 0] / reach):.0f} ×)")
        rows.append(row)
    for row in [rows[0], ["---"] * len(rows[0]), *rows[1:]]:
        print(f"| {' | '.join(row)} |")


def figure(results, path):
    """Correlation with the reference against seconds, the median over the photographs."""
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(7, 4.8), layout="constrained")
    axis = drawing.subplots()
    for contender, result in results.items():
        curves = np.array(list(result["curves"].values()))  # (photographs, points, 3)
        seconds, _, correlations = np.median(curves, axis=0).T
        axis.plot(seconds, correlations, "o--" if len(seconds) < 3 else "-", label=LABELS.get(contender, contender))
    axis.set(xscale="log", xlabel="seconds", ylabel="Pearson correlation with the limit", ylim=(0, 1.02))
    axis.xaxis.set_major_formatter("{x:g}")
    axis.grid(alpha=0.3)
    drawing.legend(loc="outside lower center", ncols=2, fontsize=9)
    drawing.savefig(path, dpi=100)
    print(f"figure: {path}")


if __name__ == "__main__":
    main()
