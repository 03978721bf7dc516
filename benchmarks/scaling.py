"""How time and memory grow with the work: masks, pixels, windows, channels, images, photographs, classes.

    python benchmarks/scaling.py                  every axis (about eight minutes on two cores)
    python benchmarks/scaling.py --only masks     one of them

Each point is a process of its own, so that its peak memory can be told. It loads the network, does a little of the same
work (which compiles what is compiled), then is timed once. Time must grow linearly, memory not at all; with the pixels
both grow linearly, as every layer of the network does, and with the photograph's, of which there are several copies. A
figure goes to --figure, numbers to --output.

Axes
    masks      RISE, independent random masks
    pixels     RISE, 256 masks, on networks of the same weights for larger and larger inputs
    windows    SESS with Grad-CAM, 7 to 12 scales
    channels   Score-CAM of wider and wider layers
    images     `explain_many`, Grad-CAM; flat from one whole batch on
    photograph RISE, 512 masks, of larger and larger photographs, in 0.1 megapixels
    classes    `explain_many`, the gradient of more and more classes of one photograph
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

AXES = {
    "masks": [512, 1024, 2048, 4096, 8192],
    "pixels": [128, 192, 256, 384, 512],  # side of the input
    "windows": [7, 8, 9, 10, 12],  # scales; from one whole batch of windows on
    "channels": ["stem_relu", "block1_expand_relu", "block4_expand_relu", "block9_expand_relu", "head_relu"],
    "images": [16, 32, 64, 128, 256],
    "photograph": [2, 10, 120, 400, 800],
    "classes": [1, 4, 16, 32, 50],
}
MASKS_FOR_PIXELS = 256
FLAT, AXES_THAT_STAY_FLAT = 0.10, ["masks", "windows", "channels", "images"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=list(AXES), choices=list(AXES), metavar="AXIS")
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results"))
    parser.add_argument("--figure", type=Path, default=Path("benchmarks/results/scaling.png"))
    parser.add_argument("--point", nargs=2, metavar=("AXIS", "VALUE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.point:
        axis, value = arguments.point
        print(json.dumps(POINTS[axis](int(value) if value.isdigit() else value)))
        return

    results = {}
    for axis in arguments.only:
        print(f"\n| {axis} | seconds | ms for each | memory before, GB | peak memory, GB |\n|---|---|---|---|---|")
        results[axis] = [measure(axis, value) for value in AXES[axis]]
        print(verdict(axis, results[axis]))
    arguments.output.mkdir(parents=True, exist_ok=True)
    (arguments.output / "scaling.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    figure(results, arguments.figure)


def measure(axis, value):
    """Run one point in a process of its own; print and return its row."""
    command = [sys.executable, __file__, "--point", axis, str(value)]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    row = json.loads(output.splitlines()[-1])
    each = 1e3 * row["seconds"] / row["amount"]
    print(
        f"| {row['amount']} | {row['seconds']:.2f} | {each:.3g} | {row['before']:.2f} | {row['peak']:.2f} |", flush=True
    )
    return row


def verdict(axis, rows):
    """The power of the amount that time follows, and how far peak memories are apart."""
    amounts, seconds, peaks = (np.array([row[key] for row in rows]) for key in ("amount", "seconds", "peak"))
    power = np.polyfit(np.log(amounts), np.log(seconds), 1)[0]
    apart = peaks.max() / peaks.min() - 1
    text = f"\ntime grows as {axis} to the power {power:.2f}; peak memories are {apart:.0%} apart"
    if axis in AXES_THAT_STAY_FLAT:
        text += f" ({'flat' if apart <= FLAT else 'NOT flat'}: {FLAT:.0%} allowed)"
    return text


# One point: what is done, and how much of it


def masks(n_masks):
    import tp_visualisation as tpv

    classifier = tpv.load_classifier()
    return timed(
        lambda n: tpv.saliency.rise(classifier, *dalmatian(), design="random", n_masks=n), warm_up=64, amount=n_masks
    )


def pixels(side):
    """EfficientNet-Lite0 built for another input size: its weights do not depend on it."""
    import tp_visualisation as tpv
    from tp_visualisation.networks import efficientnet_lite

    model = efficientnet_lite.build_model(efficientnet_lite.VARIANTS["efficientnet_lite0"]._replace(size=side))
    efficientnet_lite.load_imagenet_weights(model, "efficientnet_lite0")
    classifier = tpv.Classifier(model, efficientnet_lite.preprocess)
    row = timed(
        lambda n: tpv.saliency.rise(classifier, *dalmatian(), design="random", n_masks=n),
        warm_up=64,
        amount=MASKS_FOR_PIXELS,
    )
    return row | {"amount": side**2}


def windows(n_scales):
    import tp_visualisation as tpv
    from tp_visualisation.saliency import multi_scaling, sliding_window

    classifier = tpv.load_classifier()
    image, target = dalmatian()
    sizes = multi_scaling(image.shape[:2], classifier.input_size, n_scales)
    amount = len(sliding_window(sizes, image.shape[:2], classifier.input_size))
    row = timed(lambda n: tpv.saliency.sess(classifier, image, target, n_scales=n), warm_up=7, amount=n_scales)
    return row | {"amount": amount}


def channels(layer):
    """The amount is the number of channels that are not flat, each of which takes a pass."""
    import tp_visualisation as tpv

    classifier = tpv.load_classifier()
    image, target = dalmatian()
    row = timed(lambda name: tpv.saliency.score_cam(classifier, image, target, layer=name), warm_up=layer, amount=layer)
    activations, _, _ = classifier.activations_and_gradients(classifier.prepare(image), target, layer)
    return row | {"amount": int((np.ptp(activations, axis=(0, 1, 2)) > 0).sum())}


def images(n_images):
    import tp_visualisation as tpv

    classifier, (image, target) = tpv.load_classifier(), dalmatian()

    def work(n):  # of one image many times the network would see one
        for _ in tpv.explain_many(classifier, (np.roll(image, k, axis=1) for k in range(n)), "grad_cam", target):
            pass

    settle(classifier)
    return timed(work, warm_up=16, amount=n_images)


def photograph(tenths):
    """A photograph of that many 0.1 megapixels, three to two."""
    import tp_visualisation as tpv

    classifier, (image, target) = tpv.load_classifier(), dalmatian()
    height = round((tenths * 1e5 / 1.5) ** 0.5)
    large = np.rint(tpv.images.resize(image, (height, round(1.5 * height)))).astype(np.uint8)

    def work(n):
        tpv.saliency.rise(classifier, large if n == tenths else image, target, n_masks=512, tolerance=0)

    return timed(work, warm_up=0, amount=tenths)


def classes(n_classes):
    import tp_visualisation as tpv

    classifier, (image, _) = tpv.load_classifier(), dalmatian()

    def work(n):
        for _ in tpv.explain_many(classifier, [image] * n, "gradient", list(range(n))):
            pass

    settle(classifier)
    return timed(work, warm_up=n_classes, amount=n_classes)


POINTS = {
    **{"masks": masks, "pixels": pixels, "windows": windows, "channels": channels},
    **{"images": images, "photograph": photograph, "classes": classes},
}


def settle(classifier):
    """The fourth look at the weights compiles what looks at them faster from then on."""
    for _ in range(4):
        classifier.notice_new_weights()


def dalmatian():
    import tp_visualisation as tpv

    sample = tpv.sample_images()["dalmatian"]
    return sample.image, sample.class_index


def timed(work, warm_up, amount):
    """The seconds that `work(amount)` takes after `work(warm_up)`, with peak memory before and after, in GB."""
    work(warm_up)
    before = peak_memory()
    start = time.perf_counter()
    work(amount)
    return {"seconds": time.perf_counter() - start, "before": before, "peak": peak_memory(), "amount": amount}


def peak_memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e9 if sys.platform == "darwin" else 1e6)


def figure(results, path):
    """Time and peak memory against the amount, both axes logarithmic; a dashed line is proportional."""
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(8, 3.4), layout="constrained")
    left, right = drawing.subplots(1, 2)
    for axis, rows in results.items():
        amounts, seconds, peaks = (np.array([row[key] for row in rows]) for key in ("amount", "seconds", "peak"))
        (line,) = left.plot(amounts, seconds, "o-", label=axis, markersize=4)
        left.plot(amounts, seconds[-1] * amounts / amounts[-1], "--", color=line.get_color(), linewidth=0.8)
        right.plot(amounts, peaks, "o-", label=axis, markersize=4)
    left.set(xscale="log", yscale="log", xlabel="amount", ylabel="seconds", title="time")
    right.set(xscale="log", yscale="log", xlabel="amount", ylabel="GB", title="peak memory", ylim=(0.5, 5))
    right.set_yticks([0.5, 1, 2, 5], ["0.5", "1", "2", "5"])
    right.minorticks_off()
    for axes in (left, right):
        axes.grid(alpha=0.3)
    left.legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    drawing.savefig(path, dpi=80)
    print(f"\nfigure: {path}")


if __name__ == "__main__":
    main()
