"""Does a map depend on what the network has learned? Adebayo's cascading randomisation, on the sample photographs.

    python benchmarks/sanity.py                            every layer, eight photographs: a few minutes on two cores
    python benchmarks/sanity.py --limit 2 --layers 6       a quick look
    python benchmarks/sanity.py --save docs/figures/randomisation.jpg

Layers are shuffled from the class scores down, each on top of those before, and the maps of the class predicted at
first are compared with the original ones; see `evaluation.cascading_randomization`.
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

METHODS = ["grad_cam", "gradient", "guided_backprop"]


def main():
    import tp_visualisation as tpv
    from tp_visualisation import evaluation, plotting

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=int, default=8, help="photographs")
    parser.add_argument("--layers", type=int, help="layers from the top; all of them by default")
    parser.add_argument("--methods", nargs="+", default=METHODS, choices=tpv.saliency.METHODS)
    parser.add_argument("--network", default="efficientnet_lite0")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save", type=Path, default=Path("benchmarks/results/randomisation.png"))
    arguments = parser.parse_args()
    arguments.save.parent.mkdir(parents=True, exist_ok=True)

    classifier = tpv.load_classifier(arguments.network)
    photographs = [sample.image for sample in tpv.sample_images()[: arguments.limit]]
    results = {}
    for name in arguments.methods:
        results[name] = evaluation.cascading_randomization(
            classifier, photographs, method=name, layers=arguments.layers, seed=arguments.seed, progress=True
        )
    report(results)
    title = f"{classifier.name}, {len(photographs)} photographs: mean and standard deviation"
    plotting.save_figure(plotting.plot_randomization(results, title=title), arguments.save, dpi=80)
    print(f"figure: {arguments.save}")


def report(results):
    """Print Spearman's ρ and SSIM, means over the photographs, for the first four layers and then every tenth."""
    (layers,) = {tuple(step.layer for step in steps) for steps in results.values()}
    print(f"{'':5}{'':40}" + "".join(f"{name:>18}" for name in results))
    for number, layer in enumerate(layers):
        if number < 4 or (number + 1) % 10 == 0 or number + 1 == len(layers):
            pairs = [(steps[number].spearman.mean(), steps[number].ssim.mean()) for steps in results.values()]
            print(f"{number + 1:<5}{layer:40}" + "".join(f"{rho:10.2f} / {ssim:5.2f}" for rho, ssim in pairs))


if __name__ == "__main__":
    main()
