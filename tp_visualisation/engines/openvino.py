"""OpenVINO: TensorFlow's frozen graphs converted, compared with TensorFlow on first use, and kept in a cache."""

import hashlib
import os
import shutil
import tempfile
import threading
from pathlib import Path

import numpy as np

from tp_visualisation.engines.tensorflow import TensorFlowEngine, call, freeze
from tp_visualisation.engines.weights import weights_digest

TOLERANCES = {"f32": 1e-3, "bf16": 0.3}  # of the largest difference to TensorFlow, as a share of the largest value


class OpenVINOEngine(TensorFlowEngine):
    """The same graphs, converted to OpenVINO and compared with TensorFlow on first use. Forward passes only."""

    def __init__(self, network, precision="f32"):
        super().__init__(network)
        self.name = "openvino" if precision == "f32" else f"openvino-{precision}"
        self.exact = precision == "f32"
        self.precision = precision
        self.description = f"{precision} on the CPU, compared with TensorFlow on first use"

    def _compile(self, step, specs, options):
        import openvino

        function = self._trace(step, specs, options)
        inputs = [tensor.name for tensor in function.inputs[: len(specs)]]  # the others are the weights
        outputs = [tensor.name for tensor in function.outputs]
        folder = _cache_folder(function, self.network.model)
        model = _read(folder)
        frozen = None if model else freeze(function, largest=None)
        model = model or openvino.convert_model(frozen.graph)
        settings = {"INFERENCE_PRECISION_HINT": self.precision, "PERFORMANCE_HINT": "LATENCY"}
        compiled = openvino.Core().compile_model(model, "CPU", settings)

        own = threading.local()  # a request serves one thread at a time

        def converted(*arrays):
            if not hasattr(own, "request"):
                own.request = compiled.create_infer_request()
            results = own.request.infer(dict(zip(inputs, arrays, strict=True)))
            return [np.array(results[name]) for name in outputs]

        return converted if frozen is None else self._compared_on_first_use(converted, frozen, model, folder)

    def _compared_on_first_use(self, converted, frozen, model, folder):
        unseen, lock = [frozen], threading.Lock()  # the TensorFlow graph goes after the first call

        def compared(*arrays):
            results = converted(*arrays)
            with lock:
                if unseen:
                    _refuse_if_different(results, call(unseen[0], arrays), TOLERANCES[self.precision])
                    unseen.clear()
                    _save(model, folder)
            return results

        return compared


def _refuse_if_different(outputs, expected, tolerance):
    for ours, theirs in zip(outputs, expected, strict=True):
        scale = np.abs(theirs).max() + 1e-6
        if ours.shape != theirs.shape or not np.abs(ours - theirs).max() <= tolerance * scale:
            raise ValueError(
                'OpenVINO does not compute what TensorFlow computes for this model: use engine="tensorflow".'
            )


# Conversions that were found right are kept in the user's cache folder


def _cache_folder(function, model):
    """Where the conversion of a traced function is kept: named after its graph, its weights and OpenVINO's version."""
    import openvino
    import platformdirs

    key = hashlib.sha256(openvino.__version__.encode())
    key.update(function.graph.as_graph_def().SerializeToString(deterministic=True))
    key.update(weights_digest(model).encode())
    return Path(platformdirs.user_cache_dir("tp_visualisation")) / "openvino" / key.hexdigest()[:32]


def _read(folder):
    """The OpenVINO model kept in `folder`; None if there is none, or a damaged one."""
    import openvino

    try:
        return openvino.Core().read_model(folder / "model.xml")
    except RuntimeError:
        return None


def _save(model, folder):
    """Keep a conversion, whole or not at all."""
    import openvino

    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as whole:
            openvino.save_model(model, Path(whole) / folder.name / "model.xml", compress_to_fp16=False)
            shutil.rmtree(folder, ignore_errors=True)
            os.replace(Path(whole) / folder.name, folder)
    except (OSError, RuntimeError):  # a full disk, a read-only home: converted again next time
        pass
