"""Networks converted to OpenVINO: run, kept in the user's cache folder, and found there again.

TensorFlow is not needed for any of it: see `kept`.
"""

import hashlib
import importlib.metadata
import importlib.util
import json
import os
import shutil
import tempfile
import threading
from contextlib import suppress
from functools import cache
from pathlib import Path

import numpy as np

from tp_visualisation.processes import openvino_computes

IN_BF16 = "OpenVINO is installed and this processor computes in bf16"  # why it is the fastest
MOST = 64  # conversions that are kept: the one that was read longest ago goes first
FILES = ("model.xml", "model.bin", "names.json")


class Conversion:
    """An OpenVINO model, compiled: a function from a list of arrays to a list of arrays.

    Args:
        model: `openvino.Model`.
        names: of its inputs, and of its outputs, in the order of the arrays.
        precision: "f32" or "bf16".
    """

    def __init__(self, model, names, precision):
        import openvino

        self.model, self.names = model, names
        openvino_computes()
        settings = {"INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": "LATENCY"}
        self._compiled = openvino.Core().compile_model(model, "CPU", settings)
        self._own = threading.local()  # a request serves one thread at a time

    def __call__(self, arrays):
        if not hasattr(self._own, "request"):
            self._own.request = self._compiled.create_infer_request()
        inputs, outputs = self.names
        results = self._own.request.infer(dict(zip(inputs, arrays, strict=True)))
        return [np.array(results[name]) for name in outputs]

    def save(self, folder: Path) -> None:
        """Keep it, whole or not at all."""
        import openvino

        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=folder.parent) as whole:
                new = Path(whole) / folder.name
                openvino.save_model(self.model, new / "model.xml", compress_to_fp16=False)
                (new / "names.json").write_text(json.dumps(self.names), encoding="utf-8")
                (new / "sha256").write_text(_checksum(new, folder.name), encoding="utf-8")
                shutil.rmtree(folder, ignore_errors=True)
                os.replace(new, folder)
            for old in sorted(folder.parent.glob("*/sha256"), key=_age)[MOST:]:
                shutil.rmtree(old.parent, ignore_errors=True)
        except (OSError, RuntimeError):  # a full disk, a read-only home: converted again next time
            pass


def kept_in(folder: Path, precision: str) -> Conversion | None:
    """Return the conversion that was kept in a folder; None if there is none, or not the one that was put there."""
    import openvino

    try:
        if (folder / "sha256").read_text(encoding="utf-8") == _checksum(folder, folder.name):
            with suppress(OSError):  # a cache that may only be read
                os.utime(folder / "sha256")
            names = json.loads((folder / "names.json").read_text(encoding="utf-8"))
            return Conversion(openvino.Core().read_model(folder / "model.xml"), names, precision)
    except (OSError, ValueError, RuntimeError):  # missing, not a text, or what OpenVINO cannot read
        pass
    return None


def folder_of(*key: str | bytes) -> Path:
    """Return the folder of what is named by `key`, and by OpenVINO's version."""
    import openvino
    import platformdirs

    digest = hashlib.sha256(openvino.__version__.encode())
    for part in key:
        part = part.encode() if isinstance(part, str) else part
        digest.update(f" {len(part)} ".encode() + part)
    return Path(platformdirs.user_cache_dir("tp_visualisation")) / "openvino" / digest.hexdigest()[:32]


def folder_of_step(identity: str, step, arrays, options: dict, precision: str) -> Path | None:
    """Return the folder of a step of a known network; None for a step that its name does not tell.

    Args:
        identity: what `identity_of` says of the network.
        step, arrays, options: as for `TensorFlowEngine.run`; sizes count, but for the number of images.
        precision: "f32" or "bf16".
    """
    name, given = f"{step.__module__}.{getattr(step, '__qualname__', '<>')}", repr(sorted(options.items()))
    if not name.startswith("tp_visualisation.") or "<" in name or " at 0x" in given:
        return None
    shapes = [(str(array.dtype), array.ndim, array.shape[1:] if array.ndim == 4 else ()) for array in arrays]
    return folder_of(identity, name, given, str(shapes), precision)


@cache
def identity_of(weights: str) -> str | None:
    """Return what a network of this package is told by: the digest of its weights, this package, and its libraries.

    None where a library is not installed under its own name.
    """
    try:
        versions = [importlib.metadata.version(package) for package in ("tensorflow", "keras")]
    except importlib.metadata.PackageNotFoundError:
        return None
    digest = hashlib.sha256(f"{weights} {versions}".encode())
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def computes_in_bf16() -> bool:
    """Return whether OpenVINO is installed and says that this processor has instructions for bf16."""
    if importlib.util.find_spec("openvino") is None:
        return False
    try:
        import openvino

        return "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    except Exception:  # an installation without its plugin for the CPU, or with libraries that this system lacks
        return False


def box(value) -> np.ndarray:
    """Return what a step is given as an array: a whole number becomes an int32 scalar, any other a float32 one."""
    array = np.asarray(value)
    if array.ndim:
        return array
    return array.astype(np.int32 if array.dtype.kind in "iu" else np.float32)


def _age(path):
    """Sorts files by how long ago they were read or written; one that another process has just removed comes last."""
    try:
        return -path.stat().st_mtime
    except OSError:
        return 0


def _checksum(folder, name):
    """The digest of the conversion in `folder`, kept under `name`: one that is moved, cut or changed has another."""
    digest = hashlib.sha256(name.encode())
    for part in FILES:
        content = (folder / part).read_bytes()
        digest.update(f"{part} {len(content)} ".encode() + content)
    return digest.hexdigest()
