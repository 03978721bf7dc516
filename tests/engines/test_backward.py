"""The shorter rules of the way back: what TensorFlow's own compute, for one class of each image, and many of one."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import tp_visualisation as tpv
from tp_visualisation.engines import GradientEngine, TensorFlowEngine, steps

SIZE, N_CLASSES = (24, 32), 5


@pytest.fixture
def images():
    return np.random.default_rng(0).uniform(0, 255, (4, *SIZE, 3)).astype(np.float32)


def squeeze(x):
    """A weight for each channel, made of the image."""
    w = layers.GlobalAveragePooling2D(keepdims=True)(x)
    w = layers.Conv2D(x.shape[-1], 1, activation="sigmoid")(layers.Conv2D(2, 1, activation="relu")(w))
    return layers.Multiply()([x, w])


def inner(x):
    """Convolutions of all kinds, sums of the same size and of others, poolings, and what elements become."""
    a = layers.Conv2D(6, 3, strides=2, padding="same", use_bias=False)(layers.Rescaling(1 / 127.5, -1)(x))
    a = layers.ReLU(6)(layers.BatchNormalization(moving_mean_initializer="ones")(a))
    b = layers.DepthwiseConv2D(3, padding="same")(a)
    b = layers.LeakyReLU()(layers.SeparableConv2D(6, 3, padding="same")(layers.ReLU()(b)))
    a = squeeze(layers.Add()([a, b]))
    a = layers.Add()([a, layers.Conv2D(6, 1)(layers.ReLU()(layers.Conv2D(6, 3, padding="same")(a)))])
    a = layers.Concatenate()([layers.MaxPooling2D()(a), layers.AveragePooling2D(2)(a)])
    a = layers.ELU()(layers.Conv2D(6, 3)(layers.ZeroPadding2D()(a)))
    a = layers.Add()([a, layers.GlobalMaxPooling2D(keepdims=True)(a)])  # a sum of other sizes
    return layers.BatchNormalization(name="last")(layers.Maximum()([a, layers.Activation("tanh")(a)]))


def network(pooling=layers.GlobalAveragePooling2D, activation=None):
    x = keras.Input((*SIZE, 3))
    y = layers.Dense(7, "softplus")(pooling()(inner(x)))
    return keras.Model(x, layers.Dense(N_CLASSES, activation)(y))


class KernelOfTheImage(layers.Layer):
    """A convolution whose kernel is made of the image, as TensorFlow's own rule knows."""

    def call(self, x):
        kernel = tf.reduce_mean(x, axis=[0, 1, 2]) / 255
        return tf.nn.bias_add(tf.nn.conv2d(x, tf.linalg.diag(kernel)[None, None], 1, "SAME"), kernel)


def gradients(model, images, classes):
    """TensorFlow's own, one image at a time."""
    found = []
    for image, number in zip(images, classes, strict=True):
        with tf.GradientTape() as tape:
            tape.watch(x := tf.constant(image[None]))
            score = model(x)[0, number]
        found.append(tape.gradient(score, x)[0].numpy())
    return np.stack(found)


def close(one, other):
    np.testing.assert_allclose(one, other, atol=1e-5 * np.abs(other).max(), rtol=1e-4)


def test_a_class_of_each_image(images):
    model = network()
    close(tpv.Classifier(model).gradient(images, np.arange(4)), gradients(model, images, range(4)))


def test_many_classes_of_one_image(images):
    model = network()
    clf, classes, same = tpv.Classifier(model), np.array([4, 0, 2, 2]), images[[1, 1, 1, 1]]
    assert clf.engine.network.can_share_passes
    expected = gradients(model, same, classes)
    scores, g = clf.scores_and_gradient(same, classes)
    close(g, expected)
    close(clf.input_gradient(same, classes), expected)
    close(scores, model(same))

    A, slopes, scores = clf.activations_and_gradients(same, classes, "last")
    alone = [clf.activations_and_gradients(images[[1]], number, "last") for number in classes]
    for found, one in zip((A, slopes, scores), zip(*alone, strict=True), strict=True):
        close(found, np.concatenate(one))


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_what_comes_after_the_network_is_done_for_each_class(images, activation):
    x = keras.Input((*SIZE, 3))
    y = layers.GlobalAveragePooling2D()(layers.Conv2D(3, 3)(x))
    model = keras.Model(x, layers.Dense(1 if activation == "sigmoid" else 3, activation)(y))
    clf, same = tpv.Classifier(model, lambda x: x / 127.5 - 1), images[[0, 0]]
    found = clf.gradient(same, np.array([0, 1]))
    for g, number in zip(found, (0, 1), strict=True):
        close(g, clf.gradient(images[[0]], number)[0])
    assert (activation == "sigmoid") == np.allclose(found[0], -found[1])

    other = clf.with_scalar(lambda scores: scores[:, 0] ** 2)
    close(other.gradient(same, 0)[1], other.gradient(images[[0]], 0)[0])


def test_only_the_first_image_goes_forward(images):
    clf = tpv.Classifier(network())
    shared = TensorFlowEngine(clf.engine.network.of_one_image(), frozen=False)
    scores, g = shared.run(steps.input_gradient, images[:2], np.int32([3, 3]))
    np.testing.assert_array_equal(scores[0], scores[1])
    close(g, np.repeat(clf.input_gradient(images[:1], 3), 2, axis=0))  # the second is never looked at


@pytest.mark.parametrize("which", ["flattened", "of one's own"])
def test_where_nothing_can_be_shared_every_image_goes_forward(images, which):
    x = keras.Input((*SIZE, 3))
    y = layers.Flatten()(inner(x)) if which == "flattened" else KernelOfTheImage()(x)
    y = y if which == "flattened" else layers.GlobalMaxPooling2D()(y)
    model = keras.Model(x, layers.Dense(N_CLASSES)(y))
    clf = tpv.Classifier(model)
    assert not clf.engine.network.can_share_passes
    close(clf.gradient(images[[2]], 1), gradients(model, images[[2]], [1]))
    if which == "flattened":
        close(clf.gradient(images[[2, 2]], [0, 1]), gradients(model, images[[2, 2]], [0, 1]))


def over_all(x):
    return x / keras.ops.max(x)


def by_itself(x):
    return keras.ops.conv(x, keras.ops.mean(x) * keras.ops.ones((3, 3, 3, 3)) / 255, padding="same")


@pytest.mark.parametrize("function", [over_all, by_itself])
def test_what_has_no_row_for_each_image_is_not_shared(images, function):
    """A number made of all images, a kernel made of them."""
    x = keras.Input((*SIZE, 3))
    y = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, activation="relu")(function(x)))
    model = keras.Model(x, layers.Dense(N_CLASSES)(y))
    clf = tpv.Classifier(model)
    assert not clf.engine.network.can_share_passes
    close(clf.gradient(images[[1]], 2), gradients(model, images[[1]], [2]))
    with tf.GradientTape() as tape:
        tape.watch(same := tf.constant(images[[1, 1]]))
        score = tf.reduce_sum(model(same)[:, 2])
    close(clf.gradient(images[[1, 1]], 2), tape.gradient(score, same).numpy())


def test_a_residual_sum_has_the_shorter_rule_at_any_size(images):
    x = keras.Input((None, None, 3))
    y = layers.Conv2D(3, 1)(layers.ReLU()(layers.Conv2D(5, 3, padding="same")(x)))
    halved = layers.Conv2D(3, 3, strides=2, padding="same")(y), layers.MaxPooling2D(padding="same")(x)
    y = layers.Add(name="branches")(halved)
    y = layers.Add(name="residual")([y, layers.Conv2D(3, 3, padding="same")(y)])
    model = keras.Model(x, layers.Dense(2)(layers.GlobalMaxPooling2D()(y)))
    clf = tpv.Classifier(model, input_size=SIZE)
    (record,) = clf.engine.network._records.values()
    sums = {
        node.name.split("/")[-2].split("_")[0]: "_gradient_op_type" in node.attr
        for node in record._graph.node
        if node.op[:3] == "Add"
    }
    assert sums == {"branches": False, "residual": True}
    for part in (images[:1], images[:1, :1, :1], images[:1, :7, :5]):
        close(clf.input_gradient(part, 1), gradients(model, part, [1]))


def test_sums_of_the_same_size_here_have_another_elsewhere():
    x = keras.Input((None, None, 3))
    a = layers.MaxPooling2D()(layers.MaxPooling2D()(x))
    y = layers.Add()([a, layers.Conv2D(3, 3, strides=4, padding="same")(x)])
    model = keras.Model(x, layers.Dense(2)(layers.GlobalMaxPooling2D()(y)))
    clf = tpv.Classifier(model, input_size=(16, 16))
    small = np.random.default_rng(1).normal(size=(1, 7, 7, 3)).astype(np.float32)  # (1, 1) and (2, 2)
    close(clf.input_gradient(small, 1), gradients(model, small, [1]))


def test_a_class_that_is_not_there(images):
    clf = tpv.Classifier(network())
    for target in (N_CLASSES, -2, [0, 7]):
        for ask in (clf.gradient, clf.input_gradient, clf.activations_and_gradients):
            with pytest.raises(ValueError, match=r"target must be a class index in \[0, 5\)"):
                ask(images[:2], target)
    for batched in tpv.saliency.BATCHED.values():
        with pytest.raises(ValueError, match=r"class index in \[0, 5\)"):
            batched(clf, images, 99)


class Counts(layers.Layer):
    def build(self, shape):
        self.n = self.add_weight(shape=(), initializer="zeros", trainable=False)

    def call(self, x):
        self.n.assign_add(1.0)
        return tf.while_loop(lambda x: tf.reduce_sum(x) < 0, lambda x: [x + 1], [x])[0] + self.n


def test_what_a_layer_keeps_stays_as_it_is(images):
    x = keras.Input((*SIZE, 3))
    layer = Counts()
    clf = tpv.Classifier(keras.Model(x, layers.Dense(2)(layers.GlobalAveragePooling2D()(layer(x)))))
    before = layer.n.numpy()
    for _ in range(2):
        clf.scores(images), clf.gradient(images, 1)
    assert layer.n.numpy() == before


def test_a_rule_of_ones_own_stays(images):
    @tf.RegisterGradient("a_tenth")
    def a_tenth(operation, g):
        return 0.1 * g, None

    class Own(layers.Layer):
        def call(self, x):
            with tf.compat.v1.get_default_graph().gradient_override_map({"BiasAdd": "a_tenth"}):
                return tf.nn.bias_add(x, tf.ones(3)) if not tf.executing_eagerly() else x + 1

    x = keras.Input((*SIZE, 3))
    plain, own = (
        keras.Model(x, layers.Dense(2)(layers.GlobalAveragePooling2D()(y))) for y in (layers.ReLU()(x), Own()(x))
    )
    own.set_weights(plain.get_weights())
    close(tpv.Classifier(own).gradient(images, 1), 0.1 * tpv.Classifier(plain).gradient(images, 1))


def test_weights_that_change_are_noticed(images):
    model = network()
    clf, same, classes = tpv.Classifier(model), images[[0, 0]], np.array([0, 1])
    clf.gradient(same, classes)
    model.set_weights([0.5 * weight for weight in model.get_weights()])
    close(clf.gradient(same, classes), gradients(model, same, classes))


def test_a_step_of_another_kind_is_left_alone(images):
    """It may ask more of the layers than gradients."""
    clf = tpv.Classifier(network())
    engine = GradientEngine(clf.engine.network)
    engine._one_image = None
    (scores,) = [engine.run(steps.scores, images[[0, 0]])]
    close(scores, clf.input_scores(images[[0, 0]]))
    with pytest.raises(AttributeError):
        engine.run(steps.input_gradient, images[[0, 0]], np.int32([0, 1]))
    engine.run(steps.input_gradient, images[:2], np.int32([0, 1]))  # two images
