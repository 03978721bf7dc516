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
from tp_visualisation.saliency import cameras, grad_cam


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=20, help="number of sample images (default: 20)")
    parser.add_argument("--min-probability", type=float, default=0.9999)
    parser.add_argument("--beta", type=float, default=50.0)
    parser.add_argument("--size", type=int, help="resize the images to this side (default: their own size)")
    arguments = parser.parse_args()
    classifier = tpv.load_classifier()

    norms = {}
    for sample in tpv.sample_images()[: arguments.samples]:
        image = sample.image if arguments.size is None else tpv.load_image(sample.path, arguments.size)
        for name, beta, saliency_map in confinements(classifier, image, arguments.beta):
            example = confined_attack(
                classifier, image, saliency_map=saliency_map, beta=beta, min_probability=arguments.min_probability
            )
            norms.setdefault(name, []).append(example.l2 if example.success else np.nan)
            print(
                f"{sample.name:16s} {name:12s} l2 {example.l2:7.1f}  linf {example.linf:3.0f}  "
                f"{example.n_steps:3d} steps  p {example.target.probability:.5f}",
                flush=True,
            )

    header = f"{'confined by':12s} {'reached':>8s} {'mean l2':>8s} {'reduction':>10s}"
    print(f"\n{header}   at p >= {arguments.min_probability}")
    unconfined = np.array(norms["nothing"])
    for name, values in norms.items():
        reduction = 1 - np.array(values) / unconfined
        reached = f"{np.isfinite(values).sum():4d}/{len(values):<3d}"
        print(f"{name:12s} {reached} {np.nanmean(values):8.1f} {100 * np.nanmean(reduction):8.1f} %")


def confinements(classifier, image, beta):
    """Yield (name, β, map) for each line of the table."""
    size = image.shape[:2]
    map_of_cameras = cameras(classifier, image)
    shuffled = np.random.default_rng(0).permutation(map_of_cameras.ravel()).reshape(size)
    yield "nothing", 0.0, np.zeros(size, np.float32)
    yield "CAMERAS", beta, map_of_cameras
    yield "Grad-CAM", beta, grad_cam(classifier, image)
    yield "random", beta, shuffled
    yield "uniform", beta, np.zeros(size, np.float32)


if __name__ == "__main__":
    main()
