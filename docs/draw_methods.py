"""Draw the README's pictures: every method on one sample, embedded network.

python docs/draw_methods.py
"""

from pathlib import Path

import cv2
import PIL.Image

import tp_visualisation as tpv
from tp_visualisation import plotting

FIGURES = Path(__file__).parent / "figures"
SIDE = 160  # pixels


def main():
    sample = tpv.sample_images()["dalmatian"]
    classifier = tpv.load_classifier()
    best = classifier.top(sample.image, 1)[0]
    _save(sample.image, "photograph")
    for name, method in tpv.saliency.METHODS.items():
        saliency_map = method(classifier, sample.image, best.index)
        _save(plotting.colourise(saliency_map), name)
        print(name)
        if name == "rise":
            title = f"{best.label}, probability {best.probability:.2f} ({classifier.name})"
            figure = plotting.plot_explanation(sample.image, saliency_map, title=title, map_title="RISE")
            plotting.save_figure(figure, FIGURES / "demo.jpg", dpi=80)


def _save(picture, name):
    PIL.Image.fromarray(cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA)).save(FIGURES / f"{name}.jpg")


if __name__ == "__main__":
    main()
