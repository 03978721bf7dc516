"""How much smaller does an attack become when a saliency map confines it? The experiment of CAMERAS, section 5.

python benchmarks/confined_attack.py --samples 20

Every attack goes to the class that the network finds least likely, until that class has a probability of 0.9999; the
table compares the Euclidean norms. The controls tell what the map brings from what a penalty brings anyway: "random"
has the values of the CAMERAS map in a random order, "uniform" penalises all pixels alike.
"""

import argparse

import numpy as np

import tp_visualisation as tpv
from tp_visualisation.adversarial import confined_attack
from tp_visualisation.saliency import METHODS


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=20, help="number of sample images (default: 20)")
    parser.add_argument("--confidence", type=float, default=0.9999)
    parser.add_argument("--beta", type=float, default=50.0)
    parser.add_argument("--size", type=int, help="resize the images to this side (default: their own size)")
    arguments = parser.parse_args()
    classifier = tpv.load_classifier()

    norms = {}
    for sample in tpv.sample_images()[: arguments.samples]:
        image = sample.image if arguments.size is None else tpv.load_image(sample.path, arguments.size)
        for name, beta, saliency_map in confinements(classifier, image, arguments.beta):
            example = confined_attack(
                classifier, image, saliency_map=saliency_map, beta=beta, confidence=arguments.confidence
            )
            norms.setdefault(name, []).append(example.l2 if example.success else np.nan)
            print(
                f"{sample.name:16s} {name:12s} l2 {example.l2:7.1f}  linf {example.linf:3.0f}  "
                f"{example.n_steps:3d} steps  p {example.target.probability:.5f}",
                flush=True,
            )

    print(f"\n{'confined by':12s} {'reached':>8s} {'mean l2':>8s} {'reduction':>10s}   at p >= {arguments.confidence}")
    unconfined = np.array(norms["nothing"])
    for name, values in norms.items():
        reduction = 1 - np.array(values) / unconfined
        print(f"{name:12s} {np.isfinite(values).sum():4d}/{len(values):<3d} {np.nanmean(values):8.1f} "
              f"{100 * np.nanmean(reduction):8.1f} %")  # fmt: skip


def confinements(classifier, image, beta):
    """Yield (name, β, map) for each line of the table."""
    size = image.shape[:2]
    cameras = METHODS["cameras"](classifier, image)
    shuffled = np.random.default_rng(0).permutation(cameras.ravel()).reshape(size)
    yield "nothing", 0.0, np.zeros(size, np.float32)
    yield "CAMERAS", beta, cameras
    yield "Grad-CAM", beta, METHODS["grad_cam"](classifier, image)
    yield "random", beta, shuffled
    yield "uniform", beta, np.zeros(size, np.float32)


if __name__ == "__main__":
    main()
