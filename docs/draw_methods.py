"""Draw the pictures of the README and of the site: every method on three samples, embedded network.

python docs/draw_methods.py
"""

from pathlib import Path

import cv2
import PIL.Image

import tp_visualisation as tpv
from tp_visualisation import plotting

FIGURES = Path(__file__).parent / "figures"
SAMPLES = ["dalmatian", "beaker", "goose"]  # figures/gallery/<sample>/; the README shows the first one
SIDES = {"README": 160, "site": 224}  # pixels


def main():
    classifier = tpv.load_classifier()
    for sample in map(tpv.sample_images().__getitem__, SAMPLES):
        best = classifier.top(sample.image, 1)[0]
        _save(sample.image, sample.name, "photograph")
        for name, method in tpv.saliency.METHODS.items():
            saliency_map = method(classifier, sample.image, best.index)
            _save(plotting.colourise(saliency_map), sample.name, name)
            print(sample.name, name)
            if (sample.name, name) == (SAMPLES[0], "rise"):
                title = f"{best.label}, probability {best.probability:.2f} ({classifier.name})"
                figure = plotting.plot_explanation(sample.image, saliency_map, title=title, map_title="RISE")
                plotting.save_figure(figure, FIGURES / "demo.jpg", dpi=80)


def _save(picture, sample, name):
    gallery = FIGURES / "gallery" / sample
    gallery.mkdir(parents=True, exist_ok=True)
    _shrink(picture, SIDES["site"]).save(gallery / f"{name}.jpg")
    if sample == SAMPLES[0]:
        _shrink(picture, SIDES["README"]).save(FIGURES / f"{name}.jpg")


def _shrink(picture, side):
    return PIL.Image.fromarray(cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA))


if __name__ == "__main__":
    main()
