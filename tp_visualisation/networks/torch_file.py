"""Read the tensors of a PyTorch weights file without PyTorch, and without trusting it.

A file written by `torch.save` before version 1.6 is a row of pickles (a magic number, a protocol version, facts about
the machine, the state dict, the list of storages) followed by the numbers of each storage. A pickle may call any
function of any module: `torch_pickle` reads them, which can call none. What they claim is compared with the file's size
before memory is reserved.
"""

import hashlib
import math
import os
from io import BytesIO
from pathlib import Path

import numpy as np

from tp_visualisation.networks.torch_pickle import Tensor, read_pickle

MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
DTYPES = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}
LARGEST_PICKLES = 2**20  # bytes: seven thousand tensors
LARGEST_RANK = 8
MOST_VIEWS = 8  # tensors may share numbers, but hold no more than this times the file


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
            return _read(file)
        except ValueError as error:
            raise ValueError(f"{path} is not a PyTorch weights file that can be read safely: {error}") from error


def _read(file):
    pickles = BytesIO(file.read(LARGEST_PICKLES))
    if pickles.getvalue().startswith(b"PK\x03\x04"):
        raise ValueError("it has the zip format of PyTorch 1.6 and later.")
    magic = read_pickle(pickles)
    if type(magic) is not int or magic != MAGIC_NUMBER:
        raise ValueError("its magic number is wrong.")
    _protocol, _machine, tensors, keys = (read_pickle(pickles) for _ in range(4))
    file.seek(pickles.tell())

    if not isinstance(tensors, dict) or not all(isinstance(tensor, Tensor) for tensor in tensors.values()):
        raise ValueError("it is no dict of tensors.")
    dtypes = {tensor.storage.key: DTYPES[tensor.storage.kind] for tensor in tensors.values()}
    if not isinstance(keys, list) or sorted(map(str, keys)) != sorted(dtypes):
        raise ValueError("its list of storages is not that of its tensors.")
    for name, tensor in tensors.items():
        _check(name, tensor)
    claimed = sum(math.prod(tensor.shape) * dtypes[tensor.storage.key].itemsize for tensor in tensors.values())
    if claimed > MOST_VIEWS * os.fstat(file.fileno()).st_size:
        raise ValueError("its tensors are larger than the file.")
    numbers = {key: _read_storage(file, dtypes[key]) for key in keys}
    return {name: _as_array(tensor, numbers[tensor.storage.key]) for name, tensor in tensors.items()}


def _check(name, tensor):
    """Raise a ValueError unless name and description are a text and whole numbers from 0."""
    sizes = (tensor.shape, tensor.strides)
    if type(name) is not str or not all(type(size) is tuple and len(size) <= LARGEST_RANK for size in sizes):
        raise ValueError("a tensor has no name, or no shape.")
    if not all(type(number) is int and number >= 0 for number in (tensor.offset, *tensor.shape, *tensor.strides)):
        raise ValueError("a tensor has a size that is no whole number, or is negative.")


def _read_storage(file, dtype):
    header = file.read(8)
    size = int.from_bytes(header, "little", signed=True) * dtype.itemsize
    if len(header) < 8 or not 0 <= size <= os.fstat(file.fileno()).st_size - file.tell():  # before reserving memory
        raise ValueError("it ends in the middle of its numbers.")
    return np.frombuffer(file.read(size), dtype=dtype)


def _as_array(tensor, values):
    values = values[tensor.offset :]
    last = sum((length - 1) * stride for length, stride in zip(tensor.shape, tensor.strides, strict=True))
    if not 0 <= last < values.size:
        raise ValueError("a tensor reaches outside its storage.")
    if math.prod(tensor.shape) > values.size:
        raise ValueError("a tensor is larger than its storage.")
    strides = [stride * values.itemsize for stride in tensor.strides]
    return np.lib.stride_tricks.as_strided(values, tensor.shape, strides).copy()
