"""What every network of the zoo is asked, and every method about it."""

import by_hand
import numpy as np
from judging import REFUSED, ZOO, cell, is_exact, subjects, trained
from planted import cue_alone, without_cue

import tp_visualisation as tpv

N_IMAGES = 3


def check_depends_on_the_cue_alone(name):
    """By the Keras model itself, in 40 images: to lose the cue costs the score more than to lose all the rest."""
    (model, _), kind = trained(name), ZOO[name]
    images, classes, places = subjects(name, 40)

    def scores(images):
        subject = by_hand.Subject(kind, model, images[0], 0)
        return subject.all_scores(subject.prepare(images)).numpy()[np.arange(len(images)), classes]

    of_cue = scores(images) - scores(without_cue(images, places))
    of_the_rest = np.abs(scores(images) - scores(cue_alone(images, places)))
    assert (of_cue > 0).all()
    assert (of_the_rest < of_cue).all()


def check_gradients_are_those_of_the_network(name):
    """The gradient is that of a tape on the Keras model, and integrated gradients share out the score's difference."""
    if "gradient" in REFUSED.get(name, ()):
        return
    model, classifier = trained(name)
    (image,), (target,), _ = subjects(name, 1)
    asked = ZOO[name].ask(target)
    for method in ("gradient", "gradient_times_input"):
        assert is_exact(name, method, tpv.saliency.METHODS[method](classifier, image, asked), image, target)

    subject = by_hand.Subject(ZOO[name], model, image, int(target))
    x, zero = (subject.all_scores(inputs).numpy()[0, target] for inputs in (subject.x, np.zeros_like(subject.x)))
    attribution = tpv.saliency.integrated_gradients(classifier, image, asked, n_steps=64, return_attribution=True)
    assert np.isclose(attribution.score_difference, x - zero, rtol=0.02)
    assert attribution.completeness_error < 0.1 * abs(x - zero)


def check_map(name, method):
    """The peak is on the cue, in all images but one at most, or the map is the one computed by hand, or refused."""
    text = cell(name, method, N_IMAGES)
    assert not text.startswith(("wrong", "crash")), text
