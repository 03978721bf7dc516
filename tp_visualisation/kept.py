"""A classifier that runs on kept conversions, and needs neither TensorFlow nor Keras until something else is asked.

The networks of `efficientnet_lite` are known before they are built: their weights have a published digest. What
OpenVINO ran of them on this computer is kept (see `conversions`), and a map of RISE comes three seconds sooner.
"""

import hashlib
import importlib.util
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from tp_visualisation.checks import check_backend, check_integer, keras_settings
from tp_visualisation.classifier import Classifier
from tp_visualisation.conversions import IN_BF16, box, computes_in_bf16, folder_of_step, identity_of, kept_in
from tp_visualisation.labels import class_labels, imagenet_labels
from tp_visualisation.later import engines, keras
from tp_visualisation.networks import efficientnet_lite
from tp_visualisation.processes import check_not_forked

PRECISIONS = {"openvino": "f32", "openvino-bf16": "bf16"}
GPU_DEVICES = ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd")  # of NVIDIA, of Windows' Linux, of AMD


def kept_classifier(name: str, weights, engine: str, build: Callable[[str], Classifier]) -> Classifier | None:
    """Return a classifier that waits with TensorFlow, or None where it would be no good.

    Args:
        name: one of `networks.names`.
        weights: as for `load_classifier`.
        engine: as for `load_classifier`.
        build: function from the name of an engine to the whole classifier.
    """
    variant, reason = efficientnet_lite.VARIANTS.get(name), ""
    if engine == "fastest" and computes_in_bf16() and not may_have_gpu():
        engine, reason = "openvino-bf16", IN_BF16
    if (
        variant is None
        or not (isinstance(weights, str) and weights == "imagenet")
        or engine not in PRECISIONS
        or any(importlib.util.find_spec(package) is None for package in ("openvino", "platformdirs"))
        or not _has_its_weights(name)
        or not _keras_is_as_usual()
        or (identity := identity_of(variant.sha256)) is None
    ):
        return None
    check_backend()
    check_not_forked()
    return KeptClassifier(name, variant.size, identity, engine, reason, build)


def _has_its_weights(name):
    path = efficientnet_lite.find_weights(name)
    return path is not None and hashlib.sha256(path.read_bytes()).hexdigest() == efficientnet_lite.VARIANTS[name].sha256


def _keras_is_as_usual():
    """Whether a network that is built now computes in float32, channels last."""
    if "keras" in sys.modules:
        told = keras.config.dtype_policy().name, keras.config.image_data_format()
    else:
        settings = keras_settings()
        told = settings.get("floatx", "float32"), settings.get("image_data_format", "channels_last")
    return told == ("float32", "channels_last")


def may_have_gpu() -> bool:
    """Return whether TensorFlow may find a GPU here: it is not asked, as that takes two seconds."""
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return False
    return sys.platform == "darwin" or any(Path(device).exists() for device in GPU_DEVICES)


class KeptClassifier(Classifier):
    """A classifier that is built when something is asked of it that its kept conversions do not give.

    Then it is an ordinary `Classifier`, its class included. Until then nobody has its model, and no weight changes.
    """

    def __init__(self, name, size, identity, engine, reason, build):
        self.name, self.input_size, self.preprocess = name, (size, size), efficientnet_lite.preprocess
        self.labels, self.activation = class_labels(imagenet_labels(), 1000), "softmax"
        self.output_shape = (None, 1000)
        self._build, self._built, self._identity = build, None, identity
        self.engine = KeptEngine(self, identity, engine, reason)
        self._exact = KeptEngine(self, identity, "openvino")

    def __getattr__(self, name):
        if name not in ("model", "_gradients", "_watch", "_scalar"):
            raise AttributeError(f"'Classifier' object has no attribute '{name}'")
        return getattr(_become_whole(self), name)

    def __reduce_ex__(self, protocol):  # to be copied and pickled
        return _become_whole(self).__reduce_ex__(protocol)

    def notice_new_weights(self):
        """There are none: see the class."""

    def run_exact(self, step, *arrays, **options):
        """Run a forward step in f32, as `Classifier.run_exact`."""
        exact = self.__dict__.get("_exact")  # None when another thread has just built it
        return exact.run(step, *arrays, **options) if exact else Classifier.run_exact(self, step, *arrays, **options)


_OWN = {"engine", "_exact", "_build", "_built", "_identity"}
_building = threading.RLock()


def _whole(classifier):
    """The whole classifier, built once."""
    with _building:
        if not isinstance(classifier, KeptClassifier):
            return classifier
        if classifier._built is None:
            built = classifier._build(classifier.engine.name)
            if not _keras_is_as_usual():  # it was told otherwise in the meantime: this is another network
                classifier._identity = classifier.engine.identity = classifier._exact.identity = None
            built.engine.identity, built.engine.reason = classifier._identity, classifier.engine.reason
            classifier._built = built
        return classifier._built


def _become_whole(classifier):
    """Make it an ordinary classifier from now on, and return it."""
    with _building:
        if isinstance(classifier, KeptClassifier):
            whole = _whole(classifier)
            told = {name: value for name, value in classifier.__dict__.items() if name not in _OWN}  # by its user
            classifier.__dict__ = {**whole.__dict__, **told}
            classifier.__class__ = Classifier
    return classifier


class KeptEngine:
    """OpenVINO's kept conversions; what was not kept is computed, and kept, by the whole classifier's engine."""

    def __init__(self, classifier, identity, name, reason=""):
        self._classifier, self.identity, self.name, self.reason = classifier, identity, name, reason
        self.precision = PRECISIONS[name]
        self.exact = self.precision == "f32"
        self.description = f"{self.precision} on the CPU, compared with TensorFlow on first use"
        self._conversions, self._instead, self._lock = {}, None, threading.RLock()

    def __repr__(self):
        return f"{self.name}, the fastest here: {self.reason}" if self.reason else self.name

    def __getattr__(self, name):  # whoever asks for the network may change it
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(_become_whole(self._classifier).engine, name)

    def __reduce_ex__(self, protocol):
        return _become_whole(self._classifier).engine.__reduce_ex__(protocol)

    def batch_size(self, wanted, otherwise):
        """Return the images of one pass: `wanted`, or `otherwise` for None."""
        if wanted is None:
            return otherwise
        check_integer("[1, inf)", batch_size=wanted)
        return wanted

    def run(self, step, *arrays, **options):
        """Run a step, as `TensorFlowEngine.run`."""
        if not isinstance(self._classifier, KeptClassifier):  # its weights may have changed
            run = self._classifier.run_exact if self.exact else self._classifier.run
            return run(step, *arrays, **options)
        check_not_forked()
        boxed = [box(array) for array in arrays]
        folder = self.identity and folder_of_step(self.identity, step, boxed, options, self.precision)
        with self._lock:
            if self._instead is None and folder is not None and folder not in self._conversions:
                self._conversions[folder] = kept_in(folder, self.precision)
            conversion = self._conversions.get(folder)
        if conversion is None:
            return self._whole().run(step, *arrays, **options)
        try:
            results = conversion(boxed)
        except Exception:  # whatever it is: the whole engine meets it too, and says it
            return self._whole().run(step, *arrays, **options)
        return results[0] if len(results) == 1 else tuple(results)

    def run_each(self, step, batches, **options):
        """Yield `run(step, *arrays, **options)` for each tuple of arrays."""
        return (self.run(step, *arrays, **options) for arrays in batches)

    def _whole(self):
        """The engine that can convert: that of the whole classifier, or another of its network for f32."""
        with self._lock:
            if self._instead is None:
                whole = _whole(self._classifier).engine
                if whole.name != self.name:
                    whole = engines.OpenVINOEngine(whole.network, self.precision)
                    whole.identity = self.identity
                self._instead = whole
            return self._instead
