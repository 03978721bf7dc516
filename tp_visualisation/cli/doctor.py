"""`tpvis doctor`."""

import importlib.metadata
import importlib.util
import os
import platform

from tp_visualisation.cli.options import DEFAULTS
from tp_visualisation.cli.running import load
from tp_visualisation.later import start_tensorflow
from tp_visualisation.names import first_line

PACKAGES = ("tp_visualisation", "tensorflow", "keras", "numpy", "opencv-python", "matplotlib", "openvino")


def doctor() -> None:
    """Say what is installed, what runs the networks, and whether a real photograph is classified right."""
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs"
    _say("python", f"{platform.python_version()}  {system}")
    for package in PACKAGES:
        try:
            _say(package, importlib.metadata.version(package))
        except importlib.metadata.PackageNotFoundError:
            _say(package, "not installed")
    start_tensorflow()
    import tensorflow as tf

    from tp_visualisation.networks import find_weights, names
    from tp_visualisation.samples import sample_images

    gpus = tf.config.list_physical_devices("GPU")
    _say("GPU", ", ".join(gpu.name for gpu in gpus) or "none: everything runs on the CPU")
    for name in names():
        if find_weights(name):
            _say(name, "here, with its ImageNet weights")
    _say("other networks", f"{sum(not find_weights(name) for name in names())}, see tpvis networks")
    classifier = load(DEFAULTS)
    fastest = load(DEFAULTS, "fastest").engine
    _say("engine", f"{classifier.engine.name}: {classifier.engine.description}")
    _say("fastest engine", f"{fastest.name}: {fastest.reason} ({fastest.description})")
    if importlib.util.find_spec("openvino"):
        _say("OpenVINO", _conversion())
    sample = sample_images()["dalmatian"]
    best = classifier.top(sample.image, 1)[0]
    _say("self-test", f"the sample {sample.name} is seen as {best.label}, probability {best.probability:.2f}")
    if best.index != sample.class_index:
        raise ValueError("the embedded network does not work here: reinstall with pip install --force-reinstall.")


def _conversion():
    from tp_visualisation.engines import try_conversion

    try:
        try_conversion()
    except Exception as error:  # whatever a converter can stumble on
        return f"fails here, TensorFlow runs instead ({type(error).__name__}: {first_line(error)})"
    return "converts a graph and computes it right"


def _say(what, answer):
    print(f"{what:16} {answer}")
