"""Whatever the shape, mode and type of a sound picture, what comes has the right shape and type, and is finite."""

import io

import numpy as np
import PIL.Image
import pytest

hypothesis = pytest.importorskip("hypothesis")
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from hypothesis.extra.numpy import arrays  # noqa: E402

from tp_visualisation.images import check_image, load_image, resize  # noqa: E402

QUICKLY = settings(max_examples=150, deadline=2000, derandomize=True, database=None)
SIZES = st.tuples(st.integers(1, 40), st.integers(1, 300))
MODES = {  # of a file → the formats that keep it
    "1": ["PNG", "TIFF", "BMP", "PPM", "GIF"],
    "L": ["PNG", "TIFF", "BMP", "PPM", "GIF", "JPEG"],
    "LA": ["PNG", "TIFF"],
    "P": ["PNG", "TIFF", "BMP", "GIF"],
    "RGB": ["PNG", "TIFF", "BMP", "PPM", "JPEG", "WEBP", "MPO"],
    "RGBA": ["PNG", "TIFF", "WEBP"],
    "CMYK": ["TIFF", "JPEG"],
    "I;16": ["PNG", "TIFF", "PPM"],
}
FILES = st.sampled_from([(mode, format) for mode, formats in MODES.items() for format in formats])
TYPES = st.sampled_from([np.uint8, np.uint16, np.int16, np.int32, np.int64, np.float16, np.float32, np.float64])


def picture_of(mode, size, seed):
    rng = np.random.default_rng(seed)
    if mode == "I;16":
        return PIL.Image.fromarray(rng.integers(0, 65536, size, np.uint16))
    return PIL.Image.fromarray(rng.integers(0, 256, (*size, 4), np.uint8)).convert("RGB").convert(mode)


@QUICKLY
@given(file=FILES, size=SIZES, seed=st.integers(0, 9), orientation=st.integers(1, 8), wanted=st.none() | SIZES)
@pytest.mark.filterwarnings("ignore:.*numbers in 16 bits")
def test_photograph_of_any_mode_and_size_is_rgb_and_upright(file, size, seed, orientation, wanted):
    mode, format = file
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    turned = format in ("PNG", "TIFF", "JPEG", "WEBP", "MPO") and orientation > 4  # the others hold no EXIF
    buffer = io.BytesIO()
    picture_of(mode, size, seed).save(buffer, format, exif=exif)
    image = load_image(buffer.getvalue(), wanted)
    assert image.dtype == np.uint8
    assert image.shape == ((wanted or (size[::-1] if turned else size)) + (3,))
    assert image.flags.writeable


@QUICKLY
@given(size=SIZES, seed=st.integers(0, 99))
def test_photograph_without_loss_comes_back_as_it_was(size, seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (*size, 3), np.uint8)
    for format, options in (("PNG", {}), ("TIFF", {}), ("BMP", {}), ("PPM", {}), ("WEBP", {"lossless": True})):
        buffer = io.BytesIO()
        PIL.Image.fromarray(pixels).save(buffer, format, **options)
        np.testing.assert_array_equal(load_image(buffer.getvalue()), pixels, err_msg=format)


@QUICKLY
@given(data=st.data(), size=SIZES, dtype=TYPES)
def test_image_is_checked_without_being_changed(data, size, dtype):
    numbers = st.integers(0, 255) if np.dtype(dtype).kind != "f" else st.floats(0, 255, width=16)
    image = data.draw(arrays(dtype, (*size, 3), elements=numbers, fill=numbers))
    before = image.copy()
    image.setflags(write=False)
    if np.dtype(dtype).kind == "f" and 0 < image.max() <= 1:
        with pytest.raises(ValueError, match="multiply it by 255"):
            check_image(image)
        return
    checked = check_image(image)
    assert checked.dtype == np.float32
    np.testing.assert_array_equal(checked, before.astype(np.float32))
    np.testing.assert_array_equal(image, before)
    assert not np.shares_memory(checked, image)


@QUICKLY
@given(size=SIZES, wanted=SIZES, channels=st.none() | st.integers(1, 9), dtype=TYPES, seed=st.integers(0, 9))
def test_resized_array_has_its_size_and_stays_within_its_values(size, wanted, channels, dtype, seed):
    shape = size if channels is None else (*size, channels)
    array = np.random.default_rng(seed).uniform(0, 255, shape).astype(dtype)
    before = array.copy()
    array.setflags(write=False)
    resized = resize(array, wanted)
    assert resized.dtype == np.float32
    assert resized.shape == (*wanted, *shape[2:])
    assert np.isfinite(resized).all()
    assert resized.min() >= before.min() - 1e-3
    assert resized.max() <= before.max() + 1e-3
    np.testing.assert_array_equal(array, before)
    assert not np.shares_memory(resized, array)


@QUICKLY
@given(
    content=st.binary(max_size=200),
    beginning=st.sampled_from([b"", b"\xff\xd8\xff", b"II*\0", b"P5 3 3 255\n", b"BM", b"GIF89a"]),
)
@pytest.mark.filterwarnings("ignore:.*numbers in 16 bits")
def test_bytes_are_an_image_or_an_error_that_says_which(content, beginning):
    try:
        assert load_image(beginning + content, max_pixels=10**6).shape[2] == 3
    except ValueError as error:
        said = str(error)
    else:
        return
    assert said.startswith("the data given is")
