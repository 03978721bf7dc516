"""The reader of PyTorch's legacy weights files, and what it must refuse."""

import hashlib
import io
import os
import pickle
import struct
import sys
import time
import tracemalloc
import types
import zipfile
from collections import Counter, OrderedDict

import numpy as np
import pytest

from tp_visualisation.networks.torch_file import MAGIC_NUMBER, read_state_dict

TENSORS = {
    "conv.weight": np.arange(24, dtype=np.float32).reshape(2, 3, 4),
    "bn.num_batches_tracked": np.array(7, dtype=np.int64),
}


@pytest.fixture(autouse=True)
def torch(monkeypatch):
    """As much of PyTorch as pickling needs: names."""
    torch = types.ModuleType("torch")
    utils = types.ModuleType("torch._utils")
    for name in ("FloatStorage", "LongStorage", "HalfStorage"):
        setattr(torch, name, type(name, (), {"__module__": "torch"}))

    def _rebuild_tensor_v2():
        pass

    _rebuild_tensor_v2.__module__, _rebuild_tensor_v2.__qualname__ = "torch._utils", "_rebuild_tensor_v2"
    utils._rebuild_tensor_v2 = _rebuild_tensor_v2
    torch._utils = utils
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torch._utils", utils)
    return torch


class Storage:
    def __init__(self, kind, key):
        self.kind, self.key = kind, key


class Tensor:
    def __init__(self, storage, offset, shape, strides):
        self.arguments = storage, offset, shape, strides, False, OrderedDict()

    def __reduce__(self):
        return sys.modules["torch._utils"]._rebuild_tensor_v2, self.arguments


class Pickler(pickle.Pickler):
    def persistent_id(self, thing):
        return ("storage", thing.kind, thing.key, "cpu", 0, None) if isinstance(thing, Storage) else None


def dumps(thing):
    buffer = io.BytesIO()
    Pickler(buffer, protocol=2).dump(thing)
    return buffer.getvalue()


def legacy(state_dict, storages, magic=MAGIC_NUMBER, counts=None):
    """A legacy file: five pickles, then each storage: its count, its numbers."""
    parts = [dumps(thing) for thing in (magic, 1001, {"little_endian": True}, state_dict, sorted(storages))]
    for key in sorted(storages):
        values = storages[key]
        parts += [struct.pack("<q", (counts or {}).get(key, values.size)), values.tobytes()]
    return b"".join(parts)


def strides_of(array):
    return tuple(stride // array.itemsize for stride in array.strides)


def legacy_file_of(arrays):
    torch = sys.modules["torch"]
    kinds = {"float32": torch.FloatStorage, "int64": torch.LongStorage}
    state_dict, storages = OrderedDict(), {}
    for name, array in arrays.items():
        storages[name] = array.ravel()
        storage = Storage(kinds[str(array.dtype)], name)
        state_dict[name] = Tensor(storage, 0, array.shape, strides_of(array))
    return legacy(state_dict, storages)


@pytest.fixture
def read(tmp_path):
    def read(content, **options):
        path = tmp_path / "weights.pth"
        path.write_bytes(content)
        return read_state_dict(path, **options)

    return read


def test_tensors_come_back(read):
    tensors = read(legacy_file_of(TENSORS))
    assert list(tensors) == list(TENSORS)
    for name, array in TENSORS.items():
        assert tensors[name].dtype == array.dtype
        np.testing.assert_array_equal(tensors[name], array)
        tensors[name][...] = 0  # the caller's own


def test_views_share_a_storage(read, torch):
    numbers = np.arange(12, dtype=np.float32)
    storage = Storage(torch.FloatStorage, "0")
    views = {"tail": Tensor(storage, 8, (4,), (1,)), "transposed": Tensor(storage, 0, (4, 3), (1, 4))}
    tensors = read(legacy(views, {"0": numbers}))
    np.testing.assert_array_equal(tensors["tail"], numbers[8:])
    np.testing.assert_array_equal(tensors["transposed"], numbers.reshape(3, 4).T)


def test_hash_is_checked_before_anything_is_read(read):
    content = legacy_file_of(TENSORS)
    assert read(content, sha256=hashlib.sha256(content).hexdigest()).keys() == TENSORS.keys()
    for wrong in (content + b"\0", b"", evil_pickle("touch /nowhere")):
        with pytest.raises(ValueError, match=r"not the expected weights file: SHA-256 .* expected, got .* Reinstall"):
            read(wrong, sha256=hashlib.sha256(content).hexdigest())


def evil_pickle(command):
    class Evil:
        def __reduce__(self):
            return os.system, (command,)

    return pickle.dumps(Evil(), protocol=2)


@pytest.mark.parametrize("place", range(5))
def test_malicious_pickle_runs_nothing(read, tmp_path, place):
    """It would create a file: in any of the five pickles, it is refused before."""
    victim = tmp_path / "victim"
    command = f'{sys.executable} -c "open({str(victim)!r}, chr(119))"'
    pickles = [dumps(thing) for thing in (MAGIC_NUMBER, 1001, {}, {}, [])]
    pickles[place] = evil_pickle(command)
    with pytest.raises(ValueError, match=r"can be read safely: a weights file may not use "):
        read(b"".join(pickles))
    assert not victim.exists()

    pickle.loads(evil_pickle(command))  # the attack is a real one
    assert victim.exists()


@pytest.mark.parametrize(
    "name",
    ["os.system", "builtins.eval", "builtins.getattr", "builtins.__import__", "torch.load", "torch.HalfStorage"]
    + ["collections.Counter", "collections.OrderedDict.fromkeys", "numpy.load", "tp_visualisation.names.nearest"],
)
def test_any_other_name_is_forbidden(read, name):
    module, attribute = name.split(".", 1) if name.startswith("collections") else name.rsplit(".", 1)
    with pytest.raises(ValueError, match=f'may not use "{module}.{attribute}"'):
        read(f"c{module}\n{attribute}\n.".encode())


ORDERED_DICT, TENSOR = b"ccollections\nOrderedDict\n", b"ctorch._utils\n_rebuild_tensor_v2\n"
HARMFUL = {  # what a pickle of a few bytes can ask Python's own unpickler
    "a nest of tuples as a key": b"}(" + b")" + b"q\x00h\x00h\x00\x86" * 60 + b"K\x00u.",
    "a nest of tuples as the only key": b"})" + b"q\x00h\x00h\x00\x86" * 60 + b"K\x00s.",
    "a nest of tuples as what a dict is made of": ORDERED_DICT + b")" + b"q\x00h\x00h\x00\x86" * 60 + b"\x85R.",
    "a nest of tuples as a kind of storage": b"(X\x01\x00\x00\x00s)"
    + b"q\x00h\x00h\x00\x86" * 60
    + b"X\x01\x00\x00\x000K\x00tQ.",
    "a place far away among what is kept": b"Nr\xff\xff\xff\x07.",
    "other defaults for a function": TENSOR + b"(NN})X\x0c\x00\x00\x00__defaults__)st\x86b.",
    "attributes of a dict": ORDERED_DICT + b")RN}X\x01\x00\x00\x00aK\x01s\x86b.",
    "a number of a million digits": b"\x8b\x00\x00\x10\x00" + b"\x7f" * 2**20 + b".",
    "a number of 255 bytes": b"\x8a\xff" + b"\x7f" * 255 + b".",
    "bytes that are not there": b"\x80\x04\x8e" + struct.pack("<Q", 2**33) + b".",
    "an object": b"\x80\x02" + TENSOR + b")\x81.",
    "names in two texts": b"\x8c\x02os\x8c\x06system\x93.",
    "a list in itself": b"]q\x00h\x00a.",
    "lists in lists": b"]" * 2**18 + b"a" * (2**18 - 1) + b".",
}


@pytest.mark.parametrize("what", HARMFUL)
def test_a_pickle_that_claims_builds_or_nests_too_much_is_refused_at_once(what, read):
    content = b"".join(map(dumps, (MAGIC_NUMBER, 1001, {}))) + HARMFUL[what] + dumps([])
    start = time.thread_time()
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="is not a PyTorch weights file that can be read safely: ."):
            read(content)
        assert tracemalloc.get_traced_memory()[1] < 200e6
    finally:
        tracemalloc.stop()
    assert time.thread_time() - start < 20


def test_tensors_may_share_numbers_but_not_be_a_thousand_times_the_file(read, torch):
    storage = Storage(torch.FloatStorage, "0")
    numbers = np.zeros(10_000, np.float32)
    for n, fits in [(5, True), (1000, False)]:
        content = legacy({f"w{k}": Tensor(storage, 0, (10_000,), (1,)) for k in range(n)}, {"0": numbers})
        if fits:
            assert len(read(content)) == n
        else:
            with pytest.raises(ValueError, match="its tensors are larger than the file"):
                read(content)


def test_a_thousand_damaged_files_are_refused_or_read(read):
    """Bytes changed, dropped, doubled, in the pickles mostly: ValueError and nothing else."""
    rng, content = np.random.default_rng(0), legacy_file_of(TENSORS)
    outcomes = Counter()
    for _ in range(1000):
        damaged = bytearray(content)
        for _ in range(rng.integers(1, 4)):
            place, length = int(rng.integers(len(damaged))), int(rng.integers(1, 9))
            kind = rng.integers(4)
            if kind == 0:
                damaged[place] = rng.integers(256)
            elif kind == 1:
                del damaged[place : place + length]
            elif kind == 2:
                damaged[place:place] = damaged[place : place + length]
            else:
                damaged[place] = rng.choice(list(b"()]}NKMJUXhjqrtQRbcsuae.\x85\x86\x87\x8a\x8b\x81\x93"))
        try:
            outcomes[len(read(bytes(damaged)))] += 1
        except ValueError as error:
            outcomes[str(error).split(": ")[0].rsplit("/")[-1]] += 1
    assert outcomes["weights.pth is not a PyTorch weights file that can be read safely"] > 500
    assert len(outcomes) <= 3, "or tensors are read, two or one"


@pytest.mark.parametrize("kept", [0, 1, 20, 0.3, 0.6, -1, -8, -30])
def test_truncated_file_is_refused(read, kept):
    content = legacy_file_of(TENSORS)
    cut = content[: int(kept * len(content)) if isinstance(kept, float) else kept]
    with pytest.raises(ValueError, match="is not a PyTorch weights file that can be read safely"):
        read(cut)


def test_wrong_magic_number_is_refused(read):
    with pytest.raises(ValueError, match="its magic number is wrong"):
        read(legacy({}, {}, magic=42))


def test_zip_format_is_named(read):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("archive/data.pkl", dumps({}))
    with pytest.raises(ValueError, match="zip format of PyTorch 1.6 and later"):
        read(buffer.getvalue())


@pytest.mark.parametrize("content", [b"\0" * 100, b"hello", b"\x80\x02}.", bytes(range(256)), b"N.N.N.N.N."])
def test_what_is_no_weights_file_is_refused(read, content):
    with pytest.raises(ValueError, match="is not a PyTorch weights file that can be read safely"):
        read(content)


@pytest.mark.parametrize("count", [10**18, 2**62, 2**63 - 1, 10**12, 4, -1, -3, -(2**62)])
def test_announced_count_beyond_the_file_is_refused_at_once(read, torch, count):
    state_dict = {"w": Tensor(Storage(torch.FloatStorage, "0"), 0, (3,), (1,))}
    content = legacy(state_dict, {"0": np.zeros(3, np.float32)}, counts={"0": count})
    start = time.thread_time()
    with pytest.raises(ValueError, match="ends in the middle of its numbers"):
        read(content)
    assert time.thread_time() - start < 1


@pytest.mark.parametrize("size", [10**10, 2**63 - 1])
def test_announced_string_beyond_the_file_is_refused(read, size):
    with pytest.raises(ValueError, match="is not a PyTorch weights file that can be read safely"):
        read(b"\x80\x04\x8d" + struct.pack("<Q", size) + b"short.")


@pytest.mark.parametrize(
    ("offset", "shape", "strides"),
    [
        (0, (4,), (1,)),
        (1, (3,), (1,)),
        (3, (1,), (1,)),
        (-1, (1,), (1,)),
        (0, (2,), (3,)),
        (0, (2,), (-1,)),
        (2, (2,), (-1,)),
        (0, (-3,), (1,)),
        (0, (-3,), (-1,)),
        (0, (10**18,), (0,)),
        (0, (2, 2), (0, 1)),
        (0, (3,), (1, 1)),
        (0, (2**63,), (1,)),
        (10**30, (1,), (1,)),
        (0, (3,), (2.0,)),
        (0, ("3",), (1,)),
    ],
)
def test_tensor_that_does_not_fit_its_storage_is_refused(read, torch, offset, shape, strides):
    state_dict = {"w": Tensor(Storage(torch.FloatStorage, "0"), offset, shape, strides)}
    with pytest.raises(ValueError, match="is not a PyTorch weights file that can be read safely"):
        read(legacy(state_dict, {"0": np.zeros(3, np.float32)}))


def test_unknown_type_of_numbers_is_refused(read, torch):
    state_dict = {"w": Tensor(Storage(torch.HalfStorage, "0"), 0, (3,), (1,))}
    with pytest.raises(ValueError, match="torch.HalfStorage"):
        read(legacy(state_dict, {"0": np.zeros(3, np.float16)}))


def test_missing_file_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_state_dict(tmp_path / "nowhere.pth")
