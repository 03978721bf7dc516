"""Our attacks and foolbox's, on the same network and the same photographs at its input size."""

import foolbox
import numpy as np
import pytest
import tensorflow as tf

import tp_visualisation as tpv
from tp_visualisation.adversarial import Search, fgsm, pgd
from tp_visualisation.adversarial.deepfool import _nearest_border
from tp_visualisation.engines import Network

N = 8


@pytest.fixture(scope="module")
def images():
    return np.stack([tpv.load_image(sample.path, 224) for sample in tpv.sample_images()[:N]])


@pytest.fixture(scope="module")
def labels(embedded, images):
    return embedded.scores(images).argmax(axis=-1)


@pytest.fixture(scope="module")
def attacked_by_foolbox(embedded, images, labels):
    """Function: foolbox's attack and radii → unclipped adversarial images and success, (radii, N) of it."""
    network = Network(embedded.model, embedded.preprocess)
    scores = tf.function(lambda x: network.scores(network.prepare(x)), autograph=False)
    model = foolbox.models.TensorFlowModel(scores, bounds=(0, 255), device="/CPU:0")

    def run(attack, epsilons):
        raw, _, success = attack(model, tf.constant(images, tf.float32), tf.constant(labels), epsilons=epsilons)
        return [one.numpy() for one in raw], success.numpy()

    return run


def test_fgsm_gives_the_same_images(embedded, images, attacked_by_foolbox):
    epsilons = [1, 2, 4]
    theirs, success = attacked_by_foolbox(foolbox.attacks.LinfFastGradientAttack(), epsilons)
    for epsilon, their_images, their_success in zip(epsilons, theirs, success, strict=True):
        ours = fgsm(embedded, images, epsilon=epsilon)
        assert sum(example.success for example in ours) == pytest.approx(their_success.sum(), abs=1)
        same = np.mean([example.image for example in ours] == np.rint(their_images))
        assert same > 0.99  # the sign of a gradient that is nearly zero may differ


def test_pgd_succeeds_as_often(embedded, images, attacked_by_foolbox):
    epsilons = [1, 2, 4]
    attack = foolbox.attacks.LinfBasicIterativeAttack(rel_stepsize=0.25, steps=6)
    _, success = attacked_by_foolbox(attack, epsilons)
    for epsilon, their_success in zip(epsilons, success, strict=True):
        ours = pgd(embedded, images, epsilon=epsilon, n_steps=6, step_size=epsilon / 4, random_start=False)
        assert sum(example.success for example in ours) == pytest.approx(their_success.sum(), abs=1)


def test_deepfool_finds_the_same_distances(embedded, images, attacked_by_foolbox):
    attack = foolbox.attacks.L2DeepFoolAttack(steps=10, candidates=3)
    theirs, _ = attacked_by_foolbox(attack, [None])
    distances = np.linalg.norm((theirs[0] - images).reshape(N, -1), axis=1)
    search = Search(embedded, np.float32(images), embedded.probabilities(images))
    ours = [np.linalg.norm(_nearest_border(search, i, n_candidates=3, n_steps=10).perturbation) for i in range(N)]
    np.testing.assert_allclose(ours, distances, rtol=0.02)
    for epsilon in (1, 2, 4):  # grey levels of norm: nearly no image is that close to a border, for either
        assert np.sum(np.array(ours) <= epsilon) == np.sum(distances <= epsilon)
