"""Reading, checking and resizing images; the samples."""

import io
import pathlib
import struct
import time
import zlib

import cv2
import numpy as np
import PIL.Image
import pytest

import tp_visualisation as tpv
from tp_visualisation.images import check_image, check_size, load_image, resize

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
QUARTERS = np.kron(np.array([[RED, GREEN], [BLUE, WHITE]], np.uint8), np.ones((16, 24, 1), np.uint8))  # (32, 48, 3)


def encoded(picture, format="PNG", **options):
    """The bytes of a picture (Pillow, or an array) in a file format."""
    if not isinstance(picture, PIL.Image.Image):
        picture = PIL.Image.fromarray(picture)
    buffer = io.BytesIO()
    picture.save(buffer, format, **options)
    return buffer.getvalue()


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_header(width, height):
    """The start of a PNG file that announces a size, without any pixel."""
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))


# Formats and modes


@pytest.mark.parametrize(
    ("format", "options", "tolerance"),
    [
        ("PNG", {}, 0),
        ("WEBP", {"lossless": True}, 0),
        ("BMP", {}, 0),
        ("TIFF", {}, 0),
        ("JPEG", {"quality": 100, "subsampling": 0}, 3),
        ("WEBP", {"quality": 100}, 12),
    ],
)
def test_colours_come_in_rgb_order_from_every_format(format, options, tolerance):
    image = load_image(encoded(QUARTERS, format, **options))
    assert image.shape == (32, 48, 3)
    assert image.dtype == np.uint8
    inside = np.s_[4:-4:24, 6:-6:35]  # away from the edges, that compression smears
    np.testing.assert_allclose(image[inside].astype(int), QUARTERS[inside], atol=tolerance)


def test_gif_gives_its_first_frame():
    frames = [PIL.Image.new("RGB", (6, 4), colour) for colour in ("red", "blue")]
    gif = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    np.testing.assert_array_equal(load_image(gif), np.broadcast_to(np.uint8(RED), (4, 6, 3)))


def test_greyscale_is_repeated_in_the_three_channels():
    grey = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20
    np.testing.assert_array_equal(load_image(encoded(grey)), np.stack([grey] * 3, axis=-1))


def test_one_bit_becomes_black_and_white():
    bits = np.array([[True, False], [False, True]])
    np.testing.assert_array_equal(load_image(encoded(PIL.Image.fromarray(bits))), np.stack([bits * 255] * 3, axis=-1))


def test_palette_gives_its_colours_and_its_transparent_one_is_white():
    picture = PIL.Image.new("P", (2, 1))
    picture.putpalette([*RED, *BLUE])
    picture.putpixel((1, 0), 1)
    assert load_image(encoded(picture)).tolist() == [[list(RED), list(BLUE)]]
    assert load_image(encoded(picture, transparency=1)).tolist() == [[list(RED), list(WHITE)]]
    half = encoded(picture, transparency=bytes([255, 127]))
    assert load_image(half).tolist() == [[list(RED), [128, 128, 255]]]


@pytest.mark.parametrize("format", ["PNG", "WEBP", "TIFF"])
def test_transparency_is_laid_on_white(format):
    rgba = np.array([[[*RED, 255], [*RED, 0], [0, 0, 0, 102]]], np.uint8)
    options = {"lossless": True} if format == "WEBP" else {}
    assert load_image(encoded(rgba, format, **options)).tolist() == [[list(RED), list(WHITE), [153, 153, 153]]]


def test_grey_with_transparency_is_laid_on_white():
    picture = PIL.Image.fromarray(np.array([[[0, 255], [0, 0], [0, 102]]], np.uint8), mode="LA")
    assert load_image(encoded(picture))[0, :, 0].tolist() == [0, 255, 153]


@pytest.mark.parametrize("format", ["PNG", "TIFF", "PPM"])
@pytest.mark.parametrize("dtype", ["<u2", ">u2"])
def test_16_bit_grey_is_scaled_not_clipped(format, dtype):
    if format == "PPM" and dtype == ">u2":
        pytest.skip("Pillow writes PGM from little-endian pictures only")
    grey = np.array([[0, 257, 256 * 128, 65535]], dtype)
    np.testing.assert_array_equal(load_image(encoded(grey, format))[0, :, 2], [0, 1, 128, 255])


def test_16_bit_range_in_32_bits_is_scaled_and_a_wider_one_refused():
    grey = np.array([[0, 25700, 65535]], np.int32)
    np.testing.assert_array_equal(load_image(encoded(grey, "TIFF"))[0, :, 0], [0, 100, 255])
    for value in (-1, 70000):
        with pytest.raises(ValueError, match="32-bit integers, whose range nobody knows"):
            load_image(encoded(np.array([[0, value]], np.int32), "TIFF"))


def test_floating_point_picture_is_refused():
    with pytest.raises(ValueError, match="floating-point"):
        load_image(encoded(np.ones((2, 2), np.float32), "TIFF"))


def test_16_bit_colours_are_scaled():
    rgb = np.array([[[65535, 0, 257 * 100], [0, 257 * 200, 65535]]], np.uint16)
    ok, png = cv2.imencode(".png", rgb[..., ::-1])  # OpenCV writes BGR
    assert ok
    assert load_image(png.tobytes()).tolist() == [[[255, 0, 100], [0, 200, 255]]]


def test_cmyk_jpeg_keeps_its_colours():
    jpeg = encoded(PIL.Image.new("RGB", (16, 16), (200, 40, 90)).convert("CMYK"), "JPEG", quality=100)
    assert PIL.Image.open(io.BytesIO(jpeg)).mode == "CMYK"
    np.testing.assert_allclose(load_image(jpeg)[8, 8].astype(int), (200, 40, 90), atol=3)


AS_STORED = {  # what a camera that announces this orientation has stored, from the upright picture
    1: lambda upright: upright,
    2: lambda upright: upright[:, ::-1],
    3: lambda upright: upright[::-1, ::-1],
    4: lambda upright: upright[::-1],
    5: lambda upright: upright.transpose(1, 0, 2),
    6: lambda upright: np.rot90(upright),
    7: lambda upright: upright[::-1, ::-1].transpose(1, 0, 2),
    8: lambda upright: np.rot90(upright, -1),
}


@pytest.mark.parametrize("orientation", AS_STORED)
@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_exif_orientation_turns_the_picture_upright(orientation, format):
    upright = np.random.default_rng(0).integers(0, 256, (4, 6, 3), np.uint8)
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    stored = np.ascontiguousarray(AS_STORED[orientation](upright))
    np.testing.assert_array_equal(load_image(encoded(stored, format, exif=exif)), upright)


def test_exif_orientation_of_a_16_bit_picture_counts_too():
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    upright = np.array([[0, 65535], [257 * 9, 0], [0, 0]], np.uint16)
    stored = np.ascontiguousarray(np.rot90(upright))
    np.testing.assert_array_equal(load_image(encoded(stored, exif=exif))[..., 0], upright // 257)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_broken_exif_does_not_keep_the_picture_from_being_read():
    for exif in (b"Exif\0\0nonsense", b"Exif\0\0II*\0\xff\xff\xff\xff"):
        assert load_image(encoded(QUARTERS, "JPEG", exif=exif)).shape == QUARTERS.shape


# Sources


def test_every_kind_of_source_gives_the_same_image(tmp_path):
    png = encoded(QUARTERS)
    path = tmp_path / "quarters.png"
    path.write_bytes(png)
    at_end = io.BytesIO(png)
    at_end.read()
    for source in (path, str(path), pathlib.PurePath(path), png, bytearray(png), memoryview(png), at_end):
        np.testing.assert_array_equal(load_image(source), QUARTERS)
    with path.open("rb") as file:
        np.testing.assert_array_equal(load_image(file), QUARTERS)


def test_file_object_that_cannot_go_back_is_read():
    class Pipe(io.RawIOBase):
        def __init__(self, content):
            self.buffer = io.BytesIO(content)

        def readable(self):
            return True

        def readinto(self, target):
            return self.buffer.readinto(target)

    np.testing.assert_array_equal(load_image(Pipe(encoded(QUARTERS))), QUARTERS)


def test_home_folder_is_understood(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "quarters.png").write_bytes(encoded(QUARTERS))
    assert load_image("~/quarters.png").shape == QUARTERS.shape


def test_missing_file_is_named():
    with pytest.raises(FileNotFoundError, match='no file "nowhere/elephant.jpg"'):
        load_image("nowhere/elephant.jpg")


def test_folder_is_refused(tmp_path):
    with pytest.raises(ValueError, match="is a folder: give the path of an image"):
        load_image(tmp_path)


@pytest.mark.parametrize("source", [b"", bytearray(), io.BytesIO()])
def test_empty_data_is_said_to_be_empty(source):
    with pytest.raises(ValueError, match="is empty"):
        load_image(source)


def test_empty_file_is_said_to_be_empty(tmp_path):
    (tmp_path / "empty.jpg").touch()
    with pytest.raises(ValueError, match=r"empty.jpg.* is empty"):
        load_image(tmp_path / "empty.jpg")


@pytest.mark.parametrize("source", [b"not an image at all", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"])
def test_what_is_not_an_image_is_refused(source, tmp_path):
    with pytest.raises(ValueError, match="is not an image that can be read|cut short"):
        load_image(source)
    (tmp_path / "notes.jpg").write_bytes(source)
    with pytest.raises(ValueError, match="notes.jpg.* is not an image that can be read|cut short"):
        load_image(tmp_path / "notes.jpg")


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.95])
def test_truncated_file_is_refused(format, kept):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    content = encoded(noise, format)
    with pytest.raises(ValueError, match="damaged or cut short|is not an image that can be read"):
        load_image(content[: int(kept * len(content))])


@pytest.mark.parametrize("source", [None, 3, np.zeros((4, 4, 3), np.uint8), ["a.png"]])
def test_other_types_are_refused(source):
    with pytest.raises(ValueError, match=f"a path, bytes or a file object was expected, got {type(source).__name__}"):
        load_image(source)


def test_text_file_object_is_refused():
    with pytest.raises(ValueError, match='mode "rb"'):
        load_image(io.StringIO("text"))


@pytest.mark.parametrize("side", [10_001, 12_000, 50_000, 2**31 - 1])
def test_decompression_bomb_fails_at_once_below_and_above_the_limits_of_pillow(side):
    start = time.perf_counter()
    bomb = png_header(side, side) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    with pytest.raises(ValueError, match="too large: make it smaller first"):
        load_image(bomb)
    assert time.perf_counter() - start < 1


def test_limit_on_the_pixels_is_the_callers():
    with pytest.raises(ValueError, match=r"48 x 32 = 1,536 pixels exceeds 1,535"):
        load_image(encoded(QUARTERS), max_pixels=1535)
    assert load_image(encoded(QUARTERS), max_pixels=1536).shape == (32, 48, 3)


# Sizes


@pytest.mark.parametrize("size", [(8, 12), [8, 12], (np.int64(8), 12)])
def test_size_is_height_then_width(size):
    image = load_image(encoded(QUARTERS), size)
    assert image.shape == (8, 12, 3)
    assert image.dtype == np.uint8
    np.testing.assert_array_equal(image[1, 1], RED)
    np.testing.assert_array_equal(image[-2, 1], BLUE)


@pytest.mark.parametrize("size", [10, np.int64(10)])
def test_one_integer_makes_a_square(size):
    assert load_image(encoded(QUARTERS), size).shape == (10, 10, 3)


@pytest.mark.parametrize("size", [0, -1, (0, 5), (5, -5), (5,), (5, 5, 3), 2.5, (2.5, 3), "5", "ab"])
def test_impossible_size_is_refused(size):
    with pytest.raises(ValueError, match="size must be"):
        load_image(encoded(QUARTERS), size)
    with pytest.raises(ValueError, match="input_size must be"):
        check_size(size, "input_size")


@pytest.mark.parametrize("shape", [(7, 5), (7, 5, 1), (7, 5, 3), (7, 5, 131)])
def test_resize_is_bilinear_without_antialiasing_for_any_number_of_channels(shape):
    array = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    for size in ((14, 20), (3, 2), (7, 5)):
        rows = np.clip((np.arange(size[0]) + 0.5) * 7 / size[0] - 0.5, 0, 6)
        columns = np.clip((np.arange(size[1]) + 0.5) * 5 / size[1] - 0.5, 0, 4)
        down = np.maximum(0, 1 - np.abs(rows[:, None] - np.arange(7)))
        along = np.maximum(0, 1 - np.abs(columns[:, None] - np.arange(5)))
        resized = resize(array, size)
        assert resized.dtype == np.float32
        np.testing.assert_allclose(resized, np.einsum("yi,xj,ij...->yx...", down, along, array), atol=1e-5)


def test_resize_gives_a_copy_even_when_there_is_nothing_to_do():
    array = np.zeros((3, 4), np.float32)
    resize(array, (3, 4))[:] = 1
    assert not array.any()


# Checks


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.uint16, np.float16, np.float32, np.float64])
def test_any_real_type_in_0_255_becomes_a_float32_copy(dtype):
    image = np.array([[[0, 128, 255], [7, 8, 9]]], dtype)
    image.setflags(write=False)
    checked = check_image(image)
    assert checked.dtype == np.float32
    assert not np.shares_memory(checked, image)
    np.testing.assert_array_equal(checked, image)


def test_nested_lists_are_taken():
    np.testing.assert_array_equal(check_image([[[0, 128, 255]]]), np.float32([[[0, 128, 255]]]))


def test_rounding_errors_of_float_images_are_clipped():
    checked = check_image(np.array([[[-1e-4, 100, 255.0001]]]))
    assert checked.min() == 0
    assert checked.max() == 255


def test_black_images_are_images():
    for dtype in (np.uint8, np.float32):
        assert not check_image(np.zeros((2, 2, 3), dtype)).any()


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("elephant.jpg", "read it with load_image"),
        (pathlib.Path("elephant.jpg"), "read it with load_image"),
        (b"\xff\xd8\xff", "read it with load_image"),
        (np.zeros((4, 5)), r"shape \(H, W, 3\), got \(4, 5\), a greyscale image: np.stack"),
        (np.zeros((4, 5, 1)), r"got \(4, 5, 1\), a greyscale image: np.repeat"),
        (np.zeros((4, 5, 4)), r"got \(4, 5, 4\), an image with transparency"),
        (np.zeros((3, 40, 50)), r"got \(3, 40, 50\), channels first: np.moveaxis"),
        (np.zeros((8, 4, 5, 3)), r"got \(8, 4, 5, 3\), a batch of images where one is wanted: take image\[0\]"),
        (np.zeros((1, 4, 5, 3)), "a batch of images where one is wanted"),
        (np.zeros((0, 5, 3)), r"got \(0, 5, 3\)"),
        (np.zeros(7), r"got \(7,\)"),
        (np.full((4, 5, 3), np.nan), "NaN or infinite"),
        (np.full((4, 5, 3), np.inf), "NaN or infinite"),
        (np.full((4, 5, 3), 0.5), r"got \[0.5, 0.5\], which looks like a \[0, 1\] image: multiply it by 255"),
        (np.linspace(-1, 1, 60).reshape(4, 5, 3), r"got \[-1, 1\], which looks like a preprocessed image"),
        (np.linspace(0, 256, 60).reshape(4, 5, 3), r"in \[0, 255\], got \[0, 256\]"),
        (np.full((4, 5, 3), 256, np.uint16), r"in \[0, 255\], got \[256, 256\]"),
        (np.full((4, 5, 3), -1, np.int16), r"in \[0, 255\], got \[-1, -1\]"),
        (np.zeros((4, 5, 3), bool), "must hold numbers in .0, 255., got an array of bool"),
        (np.zeros((4, 5, 3), complex), "got an array of complex128"),
        (np.full((4, 5, 3), "a"), "must hold numbers"),
        (None, "got an array of object"),
    ],
)
def test_what_is_not_an_rgb_image_is_refused_with_a_remedy(bad, message):
    with pytest.raises(ValueError, match=message):
        check_image(bad)


def test_remedies_work():
    rng = np.random.default_rng(0)
    grey = rng.uniform(0, 255, (40, 50))
    for remedy in (
        np.stack([grey] * 3, axis=-1),
        np.repeat(grey[..., None], 3, axis=-1),
        rng.uniform(0, 255, (4, 5, 4))[..., :3],
        np.moveaxis(rng.uniform(0, 255, (3, 40, 50)), 0, -1),
        rng.uniform(0, 1, (4, 5, 3)) * 255,
    ):
        check_image(remedy)


# Samples


def test_samples_are_twenty_photographs_with_labels():
    samples = tpv.sample_images()
    assert len(samples) == 20
    assert len({sample.name for sample in samples}) == 20
    by_class = {sample.class_index: sample.label for sample in samples}
    assert {243: "bull_mastiff", 251: "dalmatian", 22: "bald_eagle", 471: "cannon"}.items() <= by_class.items()
    for sample in samples:
        assert sample.image.dtype == np.uint8
        assert sample.image.shape[-1] == 3
        assert sample.image is sample.image  # read once
        assert sample.label in repr(sample)


@pytest.mark.parametrize("name", ["bald_eagle", "bald eagle", "Bald Eagle"])
def test_sample_is_found_by_name(name):
    assert tpv.sample_images()[name].class_index == 22


def test_samples_are_a_tuple_too():
    samples = tpv.sample_images()
    assert samples[0].name == next(iter(samples)).name
    assert [sample.name for sample in samples[:2]] == [samples[0].name, samples[1].name]


def test_misspelt_sample_gets_the_nearest_names():
    with pytest.raises(ValueError, match='no sample "dalmation". Closest: "dalmatian"'):
        tpv.sample_images()["dalmation"]


def test_samples_without_their_package_say_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ValueError, match="pip install foolbox"):
        tpv.sample_images()
