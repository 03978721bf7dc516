"""Reading, checking and resizing images; the samples."""

import importlib.util
import io
import os
import pathlib
import struct
import subprocess
import sys
import threading
import time
import zlib

import cv2
import numpy as np
import PIL.Image
import pytest

import tp_visualisation as tpv
from tp_visualisation.images import check_image, check_size, image_files, load_image, resize, resize_all

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
AVIF = importlib.util.find_spec("PIL._avif") is not None  # since Pillow 11.3
QUARTERS = np.kron(np.array([[RED, GREEN], [BLUE, WHITE]], np.uint8), np.ones((16, 24, 1), np.uint8))  # (32, 48, 3)


def encoded(picture, format="PNG", **options):
    """The bytes of a picture (Pillow, or an array) in a file format."""
    if not isinstance(picture, PIL.Image.Image):
        picture = PIL.Image.fromarray(picture)
    buffer = io.BytesIO()
    picture.save(buffer, format, **options)
    return buffer.getvalue()


def tiled(picture, tile=(16, 16), more=()):
    """A TIFF of one tile, whose announced size (width, length) may be wrong, with `more` tags: number, type, value."""
    content = picture.tobytes()
    tags = [(256, 3, picture.width), (257, 3, picture.height), (258, 3, 8), (259, 3, 1), (262, 3, 2), (277, 3, 3)]
    tags += [(322, 4, tile[0]), (323, 4, tile[1]), (324, 4, 8), (325, 4, len(content))]
    tags = sorted([*tags, *more])
    ifd = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", tag, kind, 1, n) for tag, kind, n in tags)
    return struct.pack("<2sHI", b"II", 42, 8 + len(content)) + content + ifd + struct.pack("<I", 0)


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


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_exif_orientation_of_a_16_bit_picture_counts_too(format):
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    upright = np.array([[0, 65535], [257 * 9, 0], [0, 0]], np.uint16)
    stored = np.ascontiguousarray(np.rot90(upright))
    np.testing.assert_array_equal(load_image(encoded(stored, format, exif=exif))[..., 0], upright // 257)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_broken_exif_does_not_keep_the_picture_from_being_read():
    for exif in (b"Exif\0\0nonsense", b"Exif\0\0II*\0\xff\xff\xff\xff"):
        assert load_image(encoded(QUARTERS, "JPEG", exif=exif)).shape == QUARTERS.shape


def test_exif_may_be_damaged_anywhere_but_in_its_orientation():
    """The resolution has no type, the maker's note lies outside: what a program that writes EXIF gets wrong."""
    exif = PIL.Image.Exif()
    exif.update({0x0112: 6, 0x011A: 72.0, 0x0128: 2})
    exif.get_ifd(0x8769).update({0x829A: 0.01, 0x927C: b"note"})
    sound = exif.tobytes()
    entry = sound.index(b"\x1a\x01" if sound[6:8] == b"II" else b"\x01\x1a")
    for at, wrong in ((2, b"\0\2"), (2, b"\2\0"), (4, b"\0\0\0\0"), (4, b"\xff\xff\xff\xff"), (8, b"\xff\xff\xff\xff")):
        damaged = sound[: entry + at] + wrong + sound[entry + at + len(wrong) :]
        for format in ("JPEG", "PNG", "WEBP"):
            assert load_image(encoded(QUARTERS, format, exif=damaged)).shape == (48, 32, 3), (format, wrong)
    if AVIF:  # which has its orientation elsewhere
        avif = encoded(QUARTERS, "AVIF", exif=sound)
        del exif[0x0112]
        rest = exif.tobytes()[6:]
        assert rest in avif
        for damaged in (
            rest[:4] + b"\xff" * (len(rest) - 4),
            b"\xff" * len(rest),
            rest.replace(b"\1\x1a\0\5", b"\1\x1a\2\0"),
        ):
            assert load_image(avif.replace(rest, damaged)).shape in ((48, 32, 3), (32, 48, 3))
    picture = PIL.Image.fromarray(QUARTERS[:16, :16])
    for directory in (34665, 40965):  # EXIF's, and one that belongs inside it, which Pillow 11 fails on
        tiff = tiled(picture, more=[(274, 3, 3), (directory, 4, 10**9)])
        np.testing.assert_array_equal(load_image(tiff), QUARTERS[15::-1, 15::-1])


def test_orientation_that_is_none_leaves_the_picture_as_it_is():
    for orientation in (0, 9, 65535):
        exif = PIL.Image.Exif()
        exif[0x0112] = orientation
        np.testing.assert_array_equal(load_image(encoded(QUARTERS, exif=exif.tobytes())), QUARTERS)


@pytest.mark.parametrize("kind", ["PNG grey", "TIFF grey", "PNG", "TIFF", "PNG transparent", "TIFF packed"])
@pytest.mark.parametrize("bits", [8, 10, 12, 14])
def test_numbers_of_fewer_bits_in_a_16_bit_file_are_stretched_with_a_warning(kind, bits):
    numbers = np.linspace(0, 2**bits - 1, 5).round().astype(np.uint16)[None, :, None] * np.uint16([1, 1, 1])
    numbers[0, :, 1] //= 2
    expected = np.rint(numbers * (255 / (2**bits - 1)))
    if kind.endswith("grey"):
        content, expected = encoded(numbers[..., 0], kind.split()[0]), expected[..., [0, 0, 0]]
    elif kind == "PNG transparent":
        opaque = np.full((1, 5, 1), 65535, np.uint16)
        content = cv2.imencode(".png", np.concatenate([numbers[..., ::-1], opaque], axis=-1))[1].tobytes()
    else:
        options = [cv2.IMWRITE_TIFF_COMPRESSION, 5 if kind == "TIFF packed" else 1] if kind != "PNG" else []
        content = cv2.imencode(f".{kind.split()[0].lower()}", numbers[..., ::-1], options)[1].tobytes()
    with pytest.warns(
        UserWarning, match=rf"the data given holds {bits}-bit numbers in 16 bits.* {2**bits - 1} is white"
    ) as said:
        np.testing.assert_array_equal(load_image(content), expected)
    assert said[0].filename == __file__


@pytest.mark.parametrize("highest", [0, 2**14, 2**15 - 1, 65535])
@pytest.mark.filterwarnings("error")
def test_numbers_of_16_bits_and_black_pictures_are_not_stretched(highest):
    grey = np.uint16([[0, highest]])
    np.testing.assert_array_equal(load_image(encoded(grey))[0, :, 0], np.rint(grey[0] / 257))
    colours = cv2.imencode(".png", np.stack([grey] * 3, axis=-1))[1].tobytes()
    np.testing.assert_array_equal(load_image(colours)[0, :, 0], grey[0] >> 8)  # which is what Pillow keeps


def test_numbers_of_fewer_than_8_bits_are_grey_levels():
    with pytest.warns(UserWarning, match="8-bit numbers in 16 bits.* 255 is white"):
        assert load_image(encoded(np.uint16([[0, 5]])))[0, :, 0].tolist() == [0, 5]


def test_orientation_of_a_stretched_picture_counts_too():
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    upright = np.array([[0, 1023], [341, 0], [0, 0]], np.uint16)
    with pytest.warns(UserWarning, match="10-bit"):
        image = load_image(encoded(np.ascontiguousarray(np.rot90(upright)), exif=exif))
    np.testing.assert_array_equal(image[..., 0], [[0, 255], [85, 0], [0, 0]])


# Formats that are read, and no others


EPS_THAT_NEVER_ENDS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n{} loop\n%%EOF\n"


def test_no_photograph_starts_a_program(tmp_path, monkeypatch):
    monkeypatch.setattr(subprocess, "Popen", lambda *args, **options: pytest.fail("a program was started"))
    (tmp_path / "cat.jpg").write_bytes(EPS_THAT_NEVER_ENDS)
    with pytest.raises(ValueError, match="cat.jpg.* is not an image that can be read: JPEG, PNG"):
        load_image(tmp_path / "cat.jpg")


@pytest.mark.parametrize("format", ["PCX", "TGA", "SGI", "ICO", "DDS", "JPEG2000", "EPS", "PDF", "MSP", "ICNS"])
def test_what_pillow_reads_besides_is_refused(format):
    content = encoded(PIL.Image.fromarray(QUARTERS).convert("1" if format == "MSP" else "RGB"), format)
    with pytest.raises(ValueError, match="is not an image that can be read"):
        load_image(content)


def test_first_of_several_pictures_in_one_photograph():
    for format in ("MPO", "PNG", "WEBP", "TIFF", "AVIF") if AVIF else ("MPO", "PNG", "TIFF"):
        frames = [PIL.Image.new("RGB", (16, 8), colour) for colour in ("red", "blue")]
        image = load_image(encoded(frames[0], format, save_all=True, append_images=frames[1:]))
        np.testing.assert_allclose(image.astype(int), np.broadcast_to(RED, (8, 16, 3)), atol=4, err_msg=format)


def test_heic_is_read_with_its_package():
    pillow_heif = pytest.importorskip("pillow_heif")
    pillow_heif.register_heif_opener()
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    image = load_image(encoded(QUARTERS, "HEIF", quality=100, chroma=444, exif=exif.tobytes()))
    upright = np.rot90(QUARTERS, -1)
    assert image.shape == upright.shape
    inside = np.s_[6:-6:35, 4:-4:23]
    np.testing.assert_allclose(image[inside].astype(int), upright[inside], atol=12)
    with pytest.raises(ValueError, match=r"48 x 32 = 1,536 pixels exceeds 1,000"):
        load_image(encoded(QUARTERS, "HEIF"), max_pixels=1000)


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1"])
def test_heic_without_its_package_says_what_to_install(brand, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    (tmp_path / "cat.heic").write_bytes(b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1heic" + bytes(99))
    with pytest.raises(ValueError, match=r'cat.heic" is a HEIC.*pip install "tp_visualisation\[heic\]"'):
        load_image(tmp_path / "cat.heic")


def test_photographs_of_a_folder_are_known_by_their_suffixes(tmp_path):
    names = ["a.avif", "b.HEIC", "c.heif", "d.mpo", "e.jpg", "inside/f.pgm"]
    (tmp_path / "inside").mkdir()
    for name in (*names, "notes.txt", "drawing.eps", ".hidden.jpg"):
        (tmp_path / name).touch()
    assert [path.relative_to(tmp_path).as_posix() for path in image_files(tmp_path)] == names


@pytest.mark.parametrize(
    "error",
    [RuntimeError("two\nlines"), AttributeError("x"), RecursionError(), zlib.error("x"), OSError("x"), KeyError(1)],
)
def test_whatever_a_decoder_raises_names_the_file_in_one_line(error, monkeypatch, tmp_path):
    def fail(*args):
        raise error

    (tmp_path / "cat.png").write_bytes(encoded(QUARTERS))
    for place in ("PIL.PngImagePlugin.PngImageFile._open", "PIL.PngImagePlugin.PngImageFile.load_prepare"):
        with monkeypatch.context() as patch:
            patch.setattr(place, fail)
            with pytest.raises(ValueError, match=r'cat.png" is damaged or cut short[:,] .*\.$'):
                load_image(tmp_path / "cat.png")


def test_memory_that_does_not_suffice_is_said_and_ctrl_c_goes_through(monkeypatch):
    def fail(*args):
        raise kind

    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load_prepare", fail)
    kind = MemoryError()
    with pytest.raises(ValueError, match="the data given is too large: make it smaller first"):
        load_image(encoded(QUARTERS))
    kind = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        load_image(encoded(QUARTERS))


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


def test_standard_input_is_called_dash(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(encoded(QUARTERS))))
    np.testing.assert_array_equal(load_image("-"), QUARTERS)
    with pytest.raises(ValueError, match="standard input is empty"):
        load_image("-")
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(ValueError, match='"-" is standard input, and nothing comes from there: .* < photo.jpg'):
        load_image("-")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs on this system")
def test_fifo_is_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for content in (encoded(QUARTERS), b""):
        writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=[content])
        writer.start()
        if content:
            np.testing.assert_array_equal(load_image(tmp_path / "pipe"), QUARTERS)
        else:
            with pytest.raises(ValueError, match="pipe.* is empty"):
                load_image(tmp_path / "pipe")
        writer.join()


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="no devices on this system")
def test_device_is_refused():
    with pytest.raises(ValueError, match='"/dev/zero" is a device: give the path of an image'):
        load_image("/dev/zero")


@pytest.mark.parametrize(
    "source", ["https://example.com/cat.jpg", "http://example.com/cat.jpg", "file:///home/cat.jpg"]
)
def test_address_says_to_download(source):
    with pytest.raises(ValueError, match=f'"{source}" is an address, .* download it, and give its path'):
        load_image(source)


def test_home_of_nobody_is_no_file():
    with pytest.raises(FileNotFoundError, match='there is no file "~nosuchuser/cat.jpg"'):
        load_image("~nosuchuser/cat.jpg")


def test_file_that_may_not_be_read_is_an_oserror_with_its_name(tmp_path, monkeypatch):
    (tmp_path / "cat.jpg").write_bytes(encoded(QUARTERS))

    def refuse(*args):
        raise PermissionError(13, "Permission denied", str(tmp_path / "cat.jpg"))

    monkeypatch.setattr(pathlib.Path, "open", refuse)
    with pytest.raises(PermissionError, match="cat.jpg"):
        load_image(tmp_path / "cat.jpg")


def test_more_bytes_than_a_photograph_has_are_refused(monkeypatch, tmp_path):
    monkeypatch.setattr("tp_visualisation.photographs.MAX_BYTES", 99)
    (tmp_path / "cat.png").write_bytes(encoded(QUARTERS))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(encoded(QUARTERS))))
    for source in (tmp_path / "cat.png", "-"):
        with pytest.raises(ValueError, match="is too large: a photograph has no more than 99 bytes"):
            load_image(source)


@pytest.mark.parametrize("side", [10_001, 12_000, 50_000, 2**31 - 1])
def test_decompression_bomb_fails_at_once_below_and_above_the_limits_of_pillow(side):
    start = time.thread_time()
    bomb = png_header(side, side) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    with pytest.raises(ValueError, match="too large: make it smaller first"):
        load_image(bomb)
    assert time.thread_time() - start < 1


def test_limit_on_the_pixels_is_the_callers():
    with pytest.raises(ValueError, match=r"48 x 32 = 1,536 pixels exceeds 1,535"):
        load_image(encoded(QUARTERS), max_pixels=1535)
    assert load_image(encoded(QUARTERS), max_pixels=1536).shape == (32, 48, 3)


def test_limit_on_the_pixels_says_a_way_out_at_the_command_line_too():
    with pytest.raises(ValueError, match="in an image editor or with `magick .*`; in Python max_pixels"):
        load_image(png_header(12_000, 9_000) + chunk(b"IDAT", b""))


def test_tile_that_is_too_large_is_refused_before_it_is_decoded():
    picture = PIL.Image.fromarray(QUARTERS[:16, :16])
    np.testing.assert_array_equal(load_image(tiled(picture)), QUARTERS[:16, :16])
    with pytest.raises(ValueError, match="is too large: it is cut into tiles of 32768 x 32768 pixels"):
        load_image(tiled(picture, (32768, 32768)))
    with pytest.raises(ValueError, match="is too large: it is cut into tiles of 16 x 4000000000 pixels"):
        load_image(tiled(picture, (16, 4_000_000_000)), max_pixels=1000)
    with pytest.raises(ValueError, match="damaged or cut short"):  # an ordinary tile, whatever the limit on pictures
        load_image(tiled(picture, (512, 512)), max_pixels=1000)


def test_jpeg_whose_scans_never_end_is_refused():
    picture = PIL.Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8))
    jpeg = encoded(picture, "JPEG", progressive=True)
    scan = jpeg[jpeg.rindex(b"\xff\xda") : -2]
    assert load_image(jpeg[:-2] + scan * 50 + jpeg[-2:]).shape == (64, 64, 3)
    assert load_image(jpeg + b"\0\0" + b"\xff\xda\0\2" * 200).shape == (
        64,
        64,
        3,
    )  # what lies behind the picture does not count
    with pytest.raises(ValueError, match="the data given would take too long: it is a JPEG of more than 100 scans"):
        load_image(jpeg[:-2] + scan * 100 + jpeg[-2:])


def test_frame_larger_than_its_gif_announces_is_refused():
    gif = bytearray(encoded(PIL.Image.new("P", (8, 8)), "GIF"))
    frame = gif.index(b"\x2c\0\0\0\0\x08\0\x08\0")
    gif[frame + 5 : frame + 9] = struct.pack("<HH", 60_000, 60_000)
    with pytest.raises(ValueError, match="is too large"):
        load_image(bytes(gif))


@pytest.mark.parametrize("limit", [np.nan, 0, -5, "many", None])
def test_impossible_limit_is_refused_before_the_file_is_looked_for(limit):
    with pytest.raises(ValueError, match="max_pixels must be"):
        load_image("nowhere.jpg", max_pixels=limit)


@pytest.mark.parametrize("size", [10**9, (1, 10**9), (10**30, 10**30), (10_001, 10_000)])
def test_size_without_end_is_refused_before_the_file_is_looked_for(size):
    with pytest.raises(ValueError, match="size must have no more than 100,000,000 pixels"):
        load_image("nowhere.jpg", size)


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


def test_boxes_of_the_samples_hold_the_objects(tmp_path):
    # The network, which was never told where things are, looks inside them more than outside. The picture is to be
    # looked at: pytest keeps it.
    classifier, sheet = tpv.load_classifier(), []
    for sample in tpv.sample_images():
        (h, w), picture = sample.image.shape[:2], sample.image.copy()
        inside = np.zeros((h, w), bool)
        for left, top, right, bottom in sample.boxes:
            assert 0 <= left < right <= w
            assert 0 <= top < bottom <= h
            inside[top:bottom, left:right] = True
            cv2.rectangle(picture, (left, top), (right - 1, bottom - 1), RED, 3)
        sheet.append(cv2.resize(picture, (512, 512), interpolation=cv2.INTER_AREA))
        if sample.boxes:
            looked = tpv.saliency.grad_cam(classifier, sample.image, sample.class_index)
            assert looked[inside].mean() > looked[~inside].mean(), sample.name
    PIL.Image.fromarray(np.vstack([np.hstack(sheet[row : row + 5]) for row in range(0, 20, 5)])).save(
        tmp_path / "boxes.jpg"
    )


@pytest.mark.parametrize("size", [(4, 6), (3, 5)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_many_images_are_resized_into_one_new_array(size, dtype):
    images = np.random.default_rng(0).uniform(0, 255, (3, 4, 6, 3)).astype(dtype)
    expected, kept = np.stack([resize(image, size) for image in images]), images.copy()
    for given in (images, np.asfortranarray(images), images[:, :, ::-1][:, :, ::-1], list(images)):
        resized = resize_all(given, size)
        np.testing.assert_array_equal(resized, expected)
        assert type(resized) is np.ndarray
        assert resized.dtype == np.float32
        assert resized.flags.c_contiguous
        resized[:] = -1  # as a preprocess that works in place would
        np.testing.assert_array_equal(given, kept)
    np.testing.assert_array_equal(resize_all(images[0], size), expected[:1])
    with pytest.raises(ValueError, match="images is empty"):
        resize_all(images[:0], size)
