"""Many images: how close each method comes to the speed of the network itself.

    python benchmarks/many.py                       every row (about ten minutes on two cores)
    python benchmarks/many.py --only grad_cam sess  some of them

The rows are of `explain_many` over different images, from arrays of 512 × 512 or from JPEG files of 640 × 480, and of
deletion and insertion. The share is that of the network's own speed: the seconds that as many passes take, forward or
there and back, 16 images at a time, over the seconds that the method takes in its own batches, of 16 or 32. Forward
passes are those of --engine, passes back TensorFlow's. The two take turns, and the medians over the turns are told: a
machine that others use gets faster and slower within a minute.

Grad-CAM and SESS around it go forward, and back to the last feature map: there are two rows of them.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import cv2
import numpy as np

import tp_visualisation as tpv
from tp_visualisation import steps
from tp_visualisation.saliency import multi_scaling, sliding_window

BATCH = 16
CLASS = 251


class Network:
    """The passes themselves, in batches: forward, there and back to the image, and back to the last feature map."""

    def __init__(self, classifier, images):
        self.classifier = classifier
        self.images = np.stack([tpv.images.resize(image, classifier.input_size) for image in images])
        self.inputs = classifier.prepare(self.images)
        self.classes, self.layer = np.full(BATCH, CLASS, np.int32), classifier.feature_layer()

    def forward(self):
        self.classifier.run(steps.scores, self.inputs)

    def back(self):
        self.classifier.run_backward(steps.image_gradient, self.images, self.classes)

    def to_layer(self):
        self.classifier.run_backward(steps.activations_and_gradients, self.inputs, self.classes, layer=self.layer)

    def seconds(self, passes, n_passes):
        """What `n_passes` passes take, in whole batches."""
        n_batches = -(-n_passes // BATCH)
        start = time.perf_counter()
        for _ in range(n_batches):
            passes()
        return (time.perf_counter() - start) * n_passes / (n_batches * BATCH)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(ROWS), metavar="ROW")
    parser.add_argument("--images", type=int, default=200, help="of the quick methods")
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--engine", default="tensorflow")
    arguments = parser.parse_args()
    if min(arguments.images, arguments.turns) < 1:
        parser.error("--images and --turns must be at least 1.")

    classifier = tpv.load_classifier(engine=arguments.engine)
    images = different_images(max(arguments.images, BATCH))
    network, images = Network(classifier, images[:BATCH]), images[: arguments.images]
    for _ in range(4):  # the fourth look at the weights compiles what looks at them faster from then on
        classifier.notice_new_weights()
    print(f"{classifier}\n\n| | passes | ms a pass | of the network's speed | passes meant |")
    print("| --- | ---: | ---: | ---: | --- |")
    with tempfile.TemporaryDirectory() as folder:
        for name in arguments.only or ROWS:
            row(name, network, images, Path(folder), arguments.turns)


def row(name, network, images, folder, turns):
    """Measure and print one row, or two where two kinds of passes may be meant."""
    work, n_passes, kinds = ROWS[name](network.classifier, images, folder)
    work()
    for kind in kinds:
        passes = getattr(network, kind)
        passes()
        taken, ratios = [], []
        for _ in range(turns):
            own = network.seconds(passes, n_passes)
            start = time.perf_counter()
            work()
            taken.append(time.perf_counter() - start)
            ratios.append((own + network.seconds(passes, n_passes)) / 2 / taken[-1])
        each = 1e3 * np.median(taken) / n_passes
        meant = {"forward": "forward", "back": "there and back", "to_layer": "there and back to the layer"}[kind]
        print(f"| {name} | {n_passes} | {each:.2f} | {np.median(ratios):.0%} | {meant} |", flush=True)


def different_images(n):
    """Samples of 512 x 512, each moved sideways: of the same image many times the network would see one."""
    samples = [sample.image for sample in tpv.sample_images()]
    square = [tpv.images.resize(image, (512, 512)).astype(np.uint8) for image in samples]
    return [np.roll(square[k % len(square)], 8 * k, axis=1) for k in range(n)]


# The rows: what is done, how many passes that takes, and which


def many(method, n_images, per_image, *kinds, **options):
    """`explain_many` of arrays; `per_image` is the passes of an image, or a function of classifier and image."""

    def row(classifier, images, _):
        some = images[:n_images]
        n_passes = len(some) * (per_image if isinstance(per_image, int) else per_image(classifier, some[0]))
        return lambda: look_at(tpv.explain_many(classifier, some, method, CLASS, **options)), n_passes, kinds

    return row


def look_at(explained):
    """Take the maps one by one, and keep none."""
    for _ in explained:
        pass


def files(method, kind):
    """`explain_many` of JPEG files."""

    def row(classifier, images, folder):
        paths = [folder / f"{number}.jpg" for number in range(len(images))]
        for image, path in zip(images, paths, strict=True):
            cv2.imwrite(str(path), cv2.resize(image, (640, 480))[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])
        return lambda: look_at(tpv.explain_many(classifier, paths, method, CLASS)), len(paths), [kind]

    return row


def curve(metric):
    """Deletion or insertion of a Grad-CAM map: one pass for each step, and one for the start."""

    def row(classifier, images, _):
        saliency_map = tpv.saliency.grad_cam(classifier, images[0], CLASS)
        measure = getattr(tpv.evaluation, metric)
        n_passes = len(measure(classifier, images[0], saliency_map, CLASS).probabilities)
        return lambda: measure(classifier, images[0], saliency_map, CLASS), n_passes, ["forward"]

    return row


def channels(classifier, image):
    activations, _, _ = classifier.activations_and_gradients(classifier.prepare(image), CLASS)
    return int((np.ptp(activations, axis=(0, 1, 2)) > 0).sum())


def windows(classifier, image):
    sizes = multi_scaling(image.shape[:2], classifier.input_size, 12)
    return len(sliding_window(sizes, image.shape[:2], classifier.input_size))


ROWS = {
    "gradient": many("gradient", None, 1, "back"),
    "gradient, JPEG": files("gradient", "back"),
    "grad_cam": many("grad_cam", None, 1, "forward", "to_layer"),
    "grad_cam, JPEG": files("grad_cam", "forward"),
    "smoothgrad": many("smoothgrad", 2, 50, "back"),
    "integrated_gradients": many("integrated_gradients", 2, 50, "back"),
    "score_cam": many("score_cam", 1, channels, "forward"),
    "rise": many("rise", 1, 512, "forward", n_masks=512, tolerance=0),
    "sess": many("sess", 1, windows, "forward", "to_layer"),
    "sess, gradient": many("sess", 1, windows, "back", base="gradient"),
    "deletion": curve("deletion"),
    "insertion": curve("insertion"),
}


if __name__ == "__main__":
    main()
