"""How networks end: read from the graph, else from the loss; what a single output and several labels mean."""

import keras
import numpy as np
import pytest
from keras import layers

import tp_visualisation as tpv

SIZE = (12, 20)


def model(end, n=2, seed=0):
    """A small network on [0, 255] that ends in `end`, a function of pooled features."""
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((*SIZE, 3))
    x = layers.Rescaling(1 / 64, -2)(inputs)
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(6, 3, activation="relu", name="conv")(x))
    return keras.Model(inputs, end(x))


def dense(n, activation=None):
    return lambda x: layers.Dense(n, activation=activation, bias_initializer="normal")(x)


@pytest.mark.parametrize("n", [2, 3])
@pytest.mark.parametrize("seed", range(30))
def test_fresh_networks_with_batch_normalisation_are_no_sigmoids(n, seed):
    keras.utils.set_random_seed(seed)
    net = keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            layers.Rescaling(1 / 127.5, -1),
            layers.Conv2D(8, 3, use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.GlobalAveragePooling2D(),
            layers.Dense(n),
        ]
    )
    assert tpv.Classifier(net).activation == "softmax"


def test_sigmoids_are_probabilities_of_each_class_by_itself(image):
    net = model(dense(3, "sigmoid"))
    classifier = tpv.Classifier(net, labels=["sea", "sun", "sand"])
    assert classifier.activation == "sigmoid"
    np.testing.assert_allclose(classifier.probabilities(image), net(image[None]), rtol=1e-5)
    np.testing.assert_allclose(classifier.scores(image), np.log(net(image[None]) / (1 - net(image[None]))), rtol=1e-3)
    assert [p.label for p in classifier.top(image, 1)] == [["sea", "sun", "sand"][int(np.argmax(net(image[None])))]]


def test_masking_methods_see_the_sigmoid(image):
    net = model(dense(3, "sigmoid"))
    classifier = tpv.Classifier(net)
    masks = np.random.default_rng(0).random((5, *SIZE)).astype(np.float32)
    expected = sum(float(net(image[None] * m[None, ..., None])[0, 2]) * m for m in masks) / (5 * 0.5)
    np.testing.assert_allclose(tpv.saliency.rise(classifier, image, 2, masks=masks), expected, rtol=1e-4)


@pytest.mark.parametrize("compiled", [False, True])
def test_logits_trained_with_binary_cross_entropy_are_no_softmax(compiled, image):
    net = model(dense(3))
    if compiled:
        net.compile("adam", keras.losses.BinaryCrossentropy(from_logits=True))
        classifier = tpv.Classifier(net)
    else:
        classifier = tpv.Classifier(net, activation="sigmoid")
    assert classifier.activation == "sigmoid"
    np.testing.assert_allclose(classifier.probabilities(image), keras.ops.sigmoid(net(image[None])), rtol=1e-5)
    net.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    assert tpv.Classifier(net).activation == "softmax"


ENDS = {
    "sigmoid": (dense(1, "sigmoid"), None, None),
    "logit and two labels": (dense(1), ["no", "yes"], None),
    "logit and its loss": (dense(1), None, keras.losses.BinaryCrossentropy(from_logits=True)),
    "the name of its loss": (dense(1), None, "binary_crossentropy"),
}


def with_smooth_labels(wanted, scores):
    return keras.losses.categorical_crossentropy(wanted, scores, from_logits=True, label_smoothing=0.1)


@pytest.mark.parametrize(
    "loss",
    [
        "sparse_categorical_crossentropy",
        "categorical_hinge",
        "kl_divergence",
        keras.losses.CategoricalFocalCrossentropy(),
        with_smooth_labels,
        lambda wanted, scores: scores,
        None,
    ],
)
def test_scores_of_several_classes_are_a_softmax_whatever_the_loss_is_called(loss):
    net = model(dense(3))
    net.compile("adam", loss)
    assert tpv.Classifier(net).activation == "softmax"


@pytest.mark.parametrize("end", ENDS)
def test_a_single_yes_or_no_is_two_classes(end, image):
    build, labels, loss = ENDS[end]
    net = model(build)
    if loss:
        net.compile("adam", loss)
    classifier = tpv.Classifier(net, labels=labels)
    z = float(net(image[None])[0, 0])
    p = z if end == "sigmoid" else 1 / (1 + np.exp(-z))
    np.testing.assert_allclose(classifier.probabilities(image), [[1 - p, p]], rtol=1e-4)
    assert len(classifier.labels) == 2
    no, yes = (classifier.gradient(image[None], target)[0] for target in (0, 1))
    np.testing.assert_allclose(no, -yes)
    assert np.abs(yes).max() > 0


@pytest.mark.parametrize("goal", ["no", "yes"])
def test_both_answers_can_be_explained_and_attacked(goal, image):
    net = model(dense(1, "sigmoid"))
    classifier = tpv.Classifier(net, labels=["no", "yes"])
    shift = float(classifier.scores(image)[0, 1]) + (0.05 if goal == "yes" else -0.05)
    net.layers[-1].bias.assign_sub([shift])  # now it sees the other one, just so
    assert classifier.top(image, 1)[0].label != goal
    assert np.abs(tpv.saliency.grad_cam_plus_plus(classifier, image, goal, layer="conv")).max() >= 0
    np.testing.assert_allclose(
        tpv.saliency.occlusion(classifier, image, "no"), -tpv.saliency.occlusion(classifier, image, "yes"), atol=1e-6
    )
    for attack in (tpv.adversarial.fool, tpv.adversarial.pgd, tpv.adversarial.deepfool):
        example = attack(classifier, np.rint(image), goal)
        assert example.success, attack
        assert example.adversarial.label == goal


def test_a_regression_is_explained_as_it_is_and_has_no_probabilities(image):
    net = model(dense(1))
    classifier = tpv.Classifier(net)
    assert classifier.activation is None
    np.testing.assert_allclose(classifier.scores(image), net(image[None]), rtol=1e-5)
    with pytest.raises(ValueError, match='gives no probabilities.*activation="softmax" or "sigmoid"'):
        classifier.probabilities(image)
    for name in ("gradient", "grad_cam", "occlusion", "rise", "quadtree_occlusion", "integrated_gradients"):
        options = {"n_masks": 256} if name == "rise" else {}
        saliency_map = tpv.saliency.METHODS[name](classifier, image, 0, **options)
        assert np.isfinite(saliency_map).all()
        assert saliency_map.std() > 0 or name == "grad_cam"
    for loss in ("mse", "mean_absolute_error", keras.losses.Huber(), keras.losses.LogCosh(), keras.losses.Poisson()):
        for regression in (net, model(dense(4))):
            regression.compile("adam", loss)
            assert tpv.Classifier(regression).activation is None
    assert tpv.Classifier(model(dense(4)), activation=None).activation is None


def test_outputs_that_are_no_scores_of_classes_are_explained_as_they_are(image):
    """A share of each colour, say: the softmax is part of the answer."""
    net = model(dense(3, "softmax"))
    classifier = tpv.Classifier(net, activation=None)
    np.testing.assert_allclose(classifier.scores(image), net(image[None]), rtol=1e-5)
    np.testing.assert_allclose(
        classifier.gradient(image[None], 0) + classifier.gradient(image[None], 1),
        -classifier.gradient(image[None], 2),
        atol=1e-7,
    )


def test_metrics_that_need_a_probability_say_so(image):
    classifier = tpv.Classifier(model(dense(1)))
    saliency_map = tpv.saliency.gradient(classifier, image, 0)
    for measure in (tpv.evaluation.deletion, tpv.evaluation.insertion, tpv.evaluation.map_density):
        with pytest.raises(ValueError, match="gives no probabilities"):
            measure(classifier, image, saliency_map, 0)
    with pytest.raises(ValueError, match="no probabilities"):
        tpv.saliency.sess(classifier, image, 0)
    with pytest.raises(ValueError, match="two classes"):
        tpv.adversarial.pgd(classifier, image)


def test_an_output_is_chosen_by_name_or_number(image):
    keras.utils.set_random_seed(0)
    inputs = keras.Input((*SIZE, 3))
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, activation="relu")(inputs))
    first, second = layers.Dense(2)(x), layers.Dense(3, activation="softmax")(x)
    several, named = keras.Model(inputs, [first, second]), keras.Model(inputs, {"one": first, "two": second})
    only = keras.Model(inputs, {"answer": second})
    expected = second_of = np.asarray(several(image[None])[1])
    for classifier in (tpv.Classifier(several, output=1), tpv.Classifier(named, output="two"), tpv.Classifier(only)):
        np.testing.assert_allclose(classifier.probabilities(image), expected, rtol=1e-5)
    assert tpv.Classifier(several, output=0).scores(image).shape == (1, 2)
    assert second_of.shape == (1, 3)
    for wrong in (2, -1):
        with pytest.raises(ValueError, match=f"no output {wrong}: its outputs are 0, 1"):
            tpv.Classifier(several, output=wrong)
    with pytest.raises(ValueError, match=r"no output 'three': its outputs are one, two"):
        tpv.Classifier(named, output="three")
    with pytest.raises(ValueError, match=r"this model has 2: choose one of them, output='one'"):
        tpv.Classifier(named)


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match='activation must be "auto", "softmax", "sigmoid" or "None"'):
        tpv.Classifier(model(dense(2)), activation="tanh")
    with pytest.raises(ValueError, match="labels must name the 2 outputs"):
        tpv.Classifier(model(dense(1, "sigmoid")), labels=["yes"])
