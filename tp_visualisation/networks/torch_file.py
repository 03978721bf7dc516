"""Read the tensors of a PyTorch weights file without PyTorch, and without trusting it.

A file written by `torch.save` before version 1.6 is a row of pickles (a magic number, a protocol version, facts about
the machine, the state dict, the list of storages) followed by the numbers of each storage. A pickle may call any
function of any module, so this reader admits the four names that a state dict needs and refuses every other one.
"""

import hashlib
import math
import os
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import NamedTuple

import numpy as np

MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
DAMAGED = (
    pickle.UnpicklingError,
    EOFError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    MemoryError,
)
DTYPES = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


class _Storage(NamedTuple):
    key: str
    dtype: np.dtype


class _Tensor(NamedTuple):
    storage: _Storage
    offset: int
    shape: tuple
    strides: tuple


def _rebuild_tensor(storage, offset, shape, strides, requires_grad=False, backward_hooks=None):
    return _Tensor(storage, offset, tuple(shape), tuple(strides))


ADMITTED = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _rebuild_tensor,
    ("torch", "FloatStorage"): "FloatStorage",
    ("torch", "LongStorage"): "LongStorage",
}


class _StateDictUnpickler(pickle.Unpickler):
    def find_class(self, module, name):
        try:
            return ADMITTED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f'a weights file may not use "{module}.{name}".') from None

    def persistent_load(self, pid):
        _, kind, key, _location, _size, *_view = pid
        return _Storage(key, DTYPES[kind])


def read_state_dict(path: str | os.PathLike, sha256: str | None = None) -> dict[str, np.ndarray]:
    """Return the tensors of a legacy PyTorch weights file.

    Args:
        path: file written by `torch.save(state_dict, path)`, legacy (not zip) format.
        sha256: the hexadecimal digest that the file must have; None accepts any file that the
            restricted reader can read.

    Returns:
        dict of name → float32 or int64 array.

    Raises:
        ValueError: the file is not the expected one, is not a weights file, or asks for anything
            that a weights file has no need of.
    """
    if sha256 is not None and (digest := hashlib.sha256(Path(path).read_bytes()).hexdigest()) != sha256:
        raise ValueError(
            f"{path} is not the expected weights file: SHA-256 {sha256[:12]}… expected, got {digest[:12]}…. "
            "Reinstall the package that carries it."
        )

    with open(path, "rb") as file:
        try:
            if file.read(4) == b"PK\x03\x04":
                raise pickle.UnpicklingError("it has the zip format of PyTorch 1.6 and later.")
            file.seek(0)
            if _StateDictUnpickler(file).load() != MAGIC_NUMBER:
                raise pickle.UnpicklingError("its magic number is wrong.")
            _protocol, _machine, tensors, keys = (_StateDictUnpickler(file).load() for _ in range(4))
            dtypes = {tensor.storage.key: tensor.storage.dtype for tensor in tensors.values()}
            numbers = {key: _read_storage(file, dtypes[key]) for key in keys}
            return {name: _as_array(tensor, numbers) for name, tensor in tensors.items()}
        except DAMAGED as error:
            raise ValueError(f"{path} is not a PyTorch weights file that can be read safely: {error}") from error


def _read_storage(file, dtype):
    header = file.read(8)
    size = int.from_bytes(header, "little", signed=True) * dtype.itemsize
    if len(header) < 8 or not 0 <= size <= os.fstat(file.fileno()).st_size - file.tell():  # before reserving memory
        raise EOFError("it ends in the middle of its numbers.")
    return np.frombuffer(file.read(size), dtype=dtype)


def _as_array(tensor, numbers):
    values = numbers[tensor.storage.key][tensor.offset :]
    last = sum((length - 1) * stride for length, stride in zip(tensor.shape, tensor.strides, strict=True))
    if min([tensor.offset, *tensor.strides, *tensor.shape]) < 0 or not 0 <= last < values.size:
        raise ValueError("a tensor reaches outside its storage.")
    if math.prod(tensor.shape) > values.size:
        raise ValueError("a tensor is larger than its storage.")
    strides = [stride * values.itemsize for stride in tensor.strides]
    return np.lib.stride_tricks.as_strided(values, tensor.shape, strides).copy()
