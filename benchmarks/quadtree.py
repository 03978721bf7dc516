"""Measure what a quadtree saves, and what it costs, on the twenty sample photographs.

    python benchmarks/quadtree.py convolution   # multiply-adds and error of the network's first kernels on leaves
    python benchmarks/quadtree.py occlusion     # passes of quadtree occlusion, and correlation with the full map

Tables go to standard output, figures and measured probabilities to --output; a second run reads the latter back.
"""

import argparse
import time
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

import tp_visualisation as tpv
from tp_visualisation.images import resize
from tp_visualisation.plotting import plot_leaves, plot_passes, save_figure
from tp_visualisation.quadtree import convolve, decompose, reconstruct, relative_rmse
from tp_visualisation.saliency import hidden_probabilities, mean_over_boxes, patches, quadtree_occlusion

THRESHOLDS = {"variance": (25, 100, 400, 1600), "gradient": (10, 20, 40, 80)}
SHARES = (1 / 16, 1 / 8, 3 / 16, 1 / 4, 3 / 8, 1 / 2)
GRIDS = ((32, 8), (32, 16), (16, 16))  # patch size, stride


def convolution(samples, output):
    classifier = tpv.load_classifier()
    kernel = next(w.numpy() for w in classifier.model.weights if w.shape.rank == 4 and w.shape[2] == 3)
    print(f"first kernel of {classifier.name}, {kernel.shape}, on {len(samples)} photographs of 224 x 224; means\n")
    print("| criterion | threshold | leaves / pixels | M²N′C / M²N²C | relative RMSE | PSNR of leaves | time / full |")
    print("|---|---|---|---|---|---|---|")
    images = [resize(sample.image, (224, 224)) for sample in samples]
    full = [timed(convolve, image, kernel) for image in images]
    for criterion, thresholds in THRESHOLDS.items():
        for threshold in thresholds:
            rows = []
            for image, (exact, exact_time) in zip(images, full, strict=True):
                (leaves, cutting), n_pixels = timed(decompose, image, criterion=criterion, threshold=threshold), 224**2
                result, convolving = timed(convolve, image, kernel, leaves)
                m, channels, filters = kernel.shape[1:]
                assert result.multiply_adds == m**2 * len(leaves) * channels * filters
                assert exact.multiply_adds == m**2 * n_pixels * channels * filters
                psnr = 10 * np.log10(255**2 / np.mean((reconstruct(image, leaves) - image) ** 2))
                error = relative_rmse(result.output, exact.output)
                saving = result.multiply_adds / exact.multiply_adds
                rows.append((len(leaves) / n_pixels, saving, error, psnr, (cutting + convolving) / exact_time))
            pixels, saving, error, psnr, duration = np.mean(rows, axis=0)
            row = (f"{pixels:.3f}", f"{saving:.3f}", f"{error:.3f}", f"{psnr:.1f} dB", f"{duration:.2f}")
            print(f"| {criterion} | {threshold} | {' | '.join(row)} |")
    for sample in samples[:2]:
        image = resize(sample.image, (224, 224))
        figure = plot_leaves(image, decompose(image), title=sample.label)
        save_figure(figure, output / f"leaves_{sample.name}.png", dpi=150)


def timed(function, *args, **options):
    start = time.perf_counter()
    return function(*args, **options), time.perf_counter() - start


def occlusion(samples, output):
    classifier = Remembering(tpv.load_classifier())
    for patch_size, stride in GRIDS:
        grid = patches(classifier.input_size, patch_size, stride)
        n_full, side = len(grid) + 1, int(len(grid) ** 0.5)
        steps = [step for step in (8, 6, 4, 3, 2) if step < side / 2]
        ours, regular = np.empty((len(samples), len(SHARES))), np.empty((len(samples), len(steps)))
        taken = np.empty_like(ours)
        for i, sample in enumerate(samples):
            classifier.recall(output / f"probabilities_{sample.name}.npz")
            target = classifier.top(sample.image, 1)[0].index
            p = hidden_probabilities(classifier, classifier.prepare(sample.image), target, [[0] * 4, *grid])
            drops = (p[0] - p[1:].astype(np.float64)).reshape(side, side)
            full = mean_over_boxes(drops.ravel(), grid, classifier.input_size)
            image = resize(sample.image, classifier.input_size)
            for j, share in enumerate(SHARES):
                budget = round(share * n_full)
                options = {"patch_size": patch_size, "stride": stride, "n_passes": budget, "return_refinement": True}
                result = quadtree_occlusion(classifier, image, target, **options)
                np.testing.assert_allclose(result.saliency_map[result.refined], full[result.refined], atol=1e-5)
                ours[i, j] = spearmanr(result.saliency_map.ravel(), full.ravel()).statistic
                taken[i, j] = result.n_passes
            for j, step in enumerate(steps):
                sparse = mean_over_boxes(sampled(drops, step).ravel(), grid, classifier.input_size)
                regular[i, j] = spearmanr(sparse.ravel(), full.ravel()).statistic
            classifier.save()
        quarter = SHARES.index(1 / 4)
        print(f"\npatches of {patch_size} every {stride} pixels: {n_full} passes for the full map\n")
        table("quadtree", taken.mean(axis=0), n_full, ours)
        table("regular grid, interpolated", [len(points(side, step)) ** 2 + 1 for step in steps], n_full, regular)
        each = (f"{s.name} {v:.2f}" for s, v in zip(samples, ours[:, quarter], strict=True))
        print(f"\nper image at a quarter: {', '.join(each)}")
        curves = {
            "quadtree": (taken.mean(axis=0) / n_full, ours),
            "regular grid, interpolated": ([(len(points(side, step)) ** 2 + 1) / n_full for step in steps], regular),
        }
        title = f"patches of {patch_size} every {stride} pixels, {n_full} passes in full"
        figure = plot_passes(curves, aim=(0.25, 0.8), title=title)
        save_figure(figure, output / f"passes_{patch_size}_{stride}.png", dpi=150)


def points(side, step):
    """Every step-th of `side` points, and the last."""
    return np.unique([*range(0, side, step), side - 1])


def sampled(drops, step):
    """The drops as a regular grid of every step-th patch gives them, bilinearly interpolated."""
    known, wanted = points(len(drops), step), np.arange(len(drops))
    weights = np.stack([np.interp(wanted, known, unit) for unit in np.eye(len(known))], axis=1)
    return weights @ drops[np.ix_(known, known)] @ weights.T


def table(name, passes, n_full, correlations):
    print(f"| {name}: passes | share | first quartile | median | third quartile | mean | smallest |")
    print("|---|---|---|---|---|---|---|")
    for n, column in zip(passes, correlations.T, strict=True):
        low, median, high = np.percentile(column, [25, 50, 75])
        numbers = (n / n_full, low, median, high, column.mean(), column.min())
        print(f"| {n:.0f} | {' | '.join(f'{number:.2f}' for number in numbers)} |")


class Remembering:
    """A classifier that scores each hidden rectangle of an image once, and keeps the probabilities in a file."""

    def __init__(self, classifier):
        self.classifier = classifier

    def check(self, image, target):
        return self, *self.classifier.check(image, target)[1:]

    def __getattr__(self, name):
        return getattr(self.classifier, name)

    def recall(self, path):
        self.path, self.known = path, {}
        if path.exists():
            with np.load(path) as file:
                self.known = dict(zip(map(tuple, file["boxes"].tolist()), file["probabilities"], strict=True))

    def save(self):
        np.savez(self.path, boxes=np.int32(list(self.known)), probabilities=np.float32(list(self.known.values())))

    def run(self, step, x, target, boxes, baseline):
        new = [box for box in boxes.tolist() if tuple(box) not in self.known]
        if new:
            found = self.classifier.run(step, x, target, np.int32(new), baseline)
            self.known.update(zip(map(tuple, new), found, strict=True))
        return np.array([self.known[tuple(box)] for box in boxes.tolist()], np.float32)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["convolution", "occlusion"])
    parser.add_argument("--images", type=int, default=20, help="photographs, at most 20")
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results/quadtree"))
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    study = {"convolution": convolution, "occlusion": occlusion}[arguments.what]
    study(tpv.sample_images()[: arguments.images], arguments.output)
