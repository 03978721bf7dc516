"""Changes of a model's weights are seen, whichever weight it is and however small they are, at any call."""

import keras
import numpy as np
import pytest
from keras import layers

import tp_visualisation as tpv
from tp_visualisation.engines import WeightsWatch


class Counting(layers.Layer):
    """Weights of other types and ranks than Keras' own: numbers, integers, an empty one."""

    def build(self, shape):
        self.count = self.add_weight(shape=(), dtype="int32", initializer="zeros", trainable=False, name="count")
        self.factor = self.add_weight(shape=(), initializer="ones", name="factor")
        self.empty = self.add_weight(shape=(0, 3), initializer="zeros", name="empty")

    def call(self, x):
        return x * self.factor


@pytest.fixture(params=[0, 2, 4, 9])
def watched(request):
    """A model, and a function that says whether its weights have changed, after so many calls without a change."""
    model = keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(4, 3), layers.BatchNormalization(), Counting()])
    model.add(layers.Dropout(0.5, seed=1))
    model.add(layers.Dense(4))
    watch, seen = WeightsWatch(model), []

    def changed():
        seen.clear()
        watch.if_changed(lambda: seen.append(True))
        return bool(seen)

    for _ in range(request.param):
        assert not changed()
    return model, changed


def test_a_change_of_any_weight_is_seen_once(watched):
    model, changed = watched
    for weight in model.weights:
        value = np.array(weight.numpy())
        if value.size:
            value.flat[-1] = np.nextafter(value.flat[-1], 9) if value.dtype.kind == "f" else value.flat[-1] + 1
            weight.assign(value)
            assert changed(), weight.path
            assert not changed()


def test_what_keeps_sums_is_seen(watched):
    model, changed = watched
    kernel = model.layers[0].kernel
    gamma, beta, mean, variance = model.layers[1].weights
    gamma.assign([1.0, 2.0, 3.0, 4.0])
    assert changed()
    gamma.assign([2.0, 1.0, 3.0, 4.0])
    assert changed()
    beta.assign(gamma.numpy())
    gamma.assign([0.0, 0.0, 0.0, 0.0])  # what one had, the other has
    assert changed()
    turned = kernel.numpy()
    turned[..., 1] *= -1
    kernel.assign(turned)
    assert changed()
    kernel.assign(turned[..., ::-1])
    assert changed()
    mean.assign([-0.0, 0.0, 0.0, 0.0])  # the sign of a zero: what is explained may divide by it
    assert changed()
    assert not changed()


@pytest.mark.parametrize("n_calls", [0, 2, 4, 9])
@pytest.mark.parametrize("change", ["int8", "lora"])
@pytest.mark.parametrize("live", [False, True])
def test_weights_that_take_the_place_of_others_are_explained(live, change, n_calls):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(4, 3), layers.GlobalAveragePooling2D()])
    model.add(layers.Dense(3, name="head"))
    classifier = tpv.Classifier(model).with_live_weights() if live else tpv.Classifier(model)
    image = np.random.default_rng(0).uniform(0, 255, (8, 8, 3))
    for _ in range(n_calls):
        classifier.scores(image)
        tpv.saliency.gradient(classifier, image, 0)
    if change == "int8":
        model.quantize("int8")
    else:
        model.get_layer("head").enable_lora(2)
        classifier.scores(image)
        model.get_layer("head").lora_kernel_b.assign(np.full((2, 3), 5.0))
    np.testing.assert_allclose(classifier.scores(image), tpv.Classifier(model).scores(image), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(classifier.scores(image), model.predict(image[None], verbose=0), rtol=1e-3, atol=1e-3)
    if change == "lora":
        ours, fresh = (tpv.saliency.gradient(one, image, 0) for one in (classifier, tpv.Classifier(model)))
        np.testing.assert_allclose(ours, fresh, rtol=1e-4, atol=1e-7)
