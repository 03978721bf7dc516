"""Photographs of every format that is read, and what may happen to their files; all of it follows from a seed."""

import importlib.util
import io
import re
import struct
import zlib

import numpy as np
import PIL.Image

SIZE = (24, 32)
MAX_PIXELS = 4_000_000  # in the runs: bounds their memory
MAX_SECONDS = 2.0  # for a file


def seeds(rng, exif=b"", only=None):
    """The name and the content of one sound photograph of each kind, or of those of `only`."""
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    rgb = np.stack([8 * x, 10 * y, 4 * (x + y)], axis=-1) + rng.integers(0, 16, (*SIZE, 3))
    rgb = PIL.Image.fromarray(np.clip(rgb, 0, 255).astype(np.uint8))
    other = rgb.transpose(PIL.Image.Transpose.ROTATE_180)
    deep = PIL.Image.fromarray(rng.integers(0, 65536, SIZE, np.uint16))
    about = {"exif": exif} if exif else {}
    several = {"save_all": True, "append_images": [other]}
    kinds = [
        ("jpeg", rgb, "JPEG", about),
        ("jpeg progressive", rgb, "JPEG", {"progressive": True, **about}),
        ("jpeg grey", rgb.convert("L"), "JPEG", {}),
        ("jpeg cmyk", rgb.convert("CMYK"), "JPEG", {}),
        ("mpo", rgb, "MPO", several),
        ("png", rgb, "PNG", about),
        ("png palette", rgb.quantize(16), "PNG", {"transparency": bytes(range(0, 256, 16))}),
        ("png transparent", rgb.convert("RGBA"), "PNG", {}),
        ("png 16", deep, "PNG", {}),
        ("png animated", rgb, "PNG", several),
        ("webp", rgb, "WEBP", about),
        ("webp lossless", rgb.convert("RGBA"), "WEBP", {"lossless": True}),
        ("webp animated", rgb, "WEBP", several),
        ("gif", rgb, "GIF", several),
        ("tiff", rgb, "TIFF", about),
        ("tiff lzw", rgb, "TIFF", {"compression": "tiff_lzw"}),
        ("tiff deflate", rgb.convert("RGBA"), "TIFF", {"compression": "tiff_adobe_deflate"}),
        ("tiff jpeg", rgb, "TIFF", {"compression": "jpeg"}),
        ("tiff fax", rgb.convert("1"), "TIFF", {"compression": "group4"}),
        ("tiff frames", deep, "TIFF", {**several, "append_images": [deep]}),
        ("bmp", rgb, "BMP", {}),
        ("bmp palette", rgb.quantize(16), "BMP", {}),
        ("ppm", rgb, "PPM", {}),
        ("pgm 16", deep, "PPM", {}),
        ("pbm", rgb.convert("1"), "PPM", {}),
    ]
    if importlib.util.find_spec("PIL._avif"):
        kinds.append(("avif", rgb, "AVIF", about))
    try:
        import pillow_heif
    except ImportError:
        pass
    else:
        pillow_heif.register_heif_opener()
        kinds.append(("heic", rgb, "HEIF", about))
    for name, picture, format, options in kinds:
        if only is None or name in only:
            buffer = io.BytesIO()
            picture.copy().save(buffer, format, **options)
            yield name, buffer.getvalue()
    if only is not None:
        return
    yield "ppm plain", b"P3 4 2 255\n" + b" ".join(b"%d" % n for n in range(24))
    yield "tiff tiles", tiled(rgb.crop((0, 0, 16, 16)))


def tiled(picture, tile=(16, 16)):
    """A TIFF of one tile; `tile` (width, length) may announce another size than it has."""
    content = picture.tobytes()
    tags = [(256, 3, picture.width), (257, 3, picture.height), (258, 3, 8), (259, 3, 1), (262, 3, 2), (277, 3, 3)]
    tags += [(322, 4, tile[0]), (323, 4, tile[1]), (324, 4, 8), (325, 4, len(content))]
    ifd = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", tag, kind, 1, n) for tag, kind, n in tags)
    return struct.pack("<2sHI", b"II", 42, 8 + len(content)) + content + ifd + struct.pack("<I", 0)


def mutated(content, others, rng):
    """A file to which one to three things have happened."""
    for _ in range(rng.integers(1, 4)):
        if not content:
            break
        content = HAPPENINGS[rng.integers(len(HAPPENINGS))](content, others, rng)
    return with_checksums(content) if rng.integers(2) else content


def with_checksums(content):
    """A PNG whose chunks have the right checksums, so that what they hold is looked at; other files as they are."""
    if not content.startswith(b"\x89PNG\r\n\x1a\n"):
        return content
    at, mended = 8, bytearray(content)
    while at + 12 <= len(mended):
        (length,) = struct.unpack_from(">I", mended, at)
        if at + 12 + length > len(mended):
            break
        struct.pack_into(">I", mended, at + 8 + length, zlib.crc32(mended[at + 4 : at + 8 + length]))
        at += 12 + length
    return bytes(mended)


def with_damaged_exif(name, rng):
    """A sound photograph of a kind whose EXIF is not: some of its bytes, counts and offsets are wrong."""
    exif = PIL.Image.Exif()
    if name != "avif":  # which has its orientation elsewhere
        exif[0x0112] = int(rng.integers(1, 9))
    exif.update({0x010F: "Maker", 0x011A: 72.0, 0x011B: 72.0, 0x0128: 2, 0x0132: "2020:01:01 00:00:00", 0x0213: 1})
    exif.get_ifd(0x8769).update({0x829A: 0.01, 0x9003: "2020:01:01 00:00:00", 0x927C: b"maker's own" * 4, 0xA002: 32})
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 24.0), 6: 35.0})
    sound = exif.tobytes()
    block = bytearray(sound[6:])  # "Exif" and two zeros are before it
    for _ in range(rng.integers(1, 12)):
        at, extreme = int(rng.integers(len(block))), EXTREMES[rng.integers(len(EXTREMES))]
        happening = rng.integers(5)
        if happening == 0:
            block[at] = rng.integers(256)
        elif happening == 1:  # a type, a count or an offset of a tag of the first directory
            entry = 10 + 12 * int(rng.integers(9)) + int(rng.choice([2, 4, 8]))
            block[entry : entry + 2] = extreme[:2]
        elif happening == 2:
            block[at : at + 4] = extreme
        elif happening == 3:
            block[at:] = bytes(len(block) - at)
        else:
            block[at : at + 8] = bytes(len(block[at : at + 8]))
    block = bytes(block[: len(sound) - 6])
    if rng.integers(2) and name in CUT_EXIF:
        return dict(seeds(rng, sound[:6] + block[: rng.integers(1, len(block))], [name]))[name]
    content = dict(seeds(rng, sound, [name]))[name]
    assert sound[6:] in content
    return with_checksums(content.replace(sound[6:], block))


def verdict(load, source, name):
    """The shape of the array that comes, or a ValueError or OSError that names the file; anything else fails."""
    try:
        image = load(source, max_pixels=MAX_PIXELS)
    except (ValueError, OSError) as caught:
        error = caught
    else:
        error = None
    if error is not None:
        assert name in str(error), f"without the file's name: {error!r}"
        assert "\n" not in str(error), f"more than a line: {error!r}"
        return error
    assert image.dtype == np.uint8
    assert image.ndim == 3
    assert image.shape[-1] == 3
    assert image.size
    return image.shape


EXIF_IN = ("jpeg", "png", "webp", "avif", "heic")
CUT_EXIF = ("jpeg", "png", "webp")  # which are written whatever the block holds
EXTREMES = [
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\0\0\xff\xff",
    b"\x80\0\0\0",
    b"\1\0\0\0",
    b"\0\1\0\0",
]


def _flip(content, others, rng):
    content = bytearray(content)
    for _ in range(rng.integers(1, 20)):
        content[rng.integers(len(content))] ^= 1 << int(rng.integers(8))
    return bytes(content)


def _edit_header(content, others, rng):
    content = bytearray(content)
    at = int(rng.integers(min(len(content), 200)))
    content[at : at + 4] = EXTREMES[rng.integers(len(EXTREMES))]
    return bytes(content)


def _truncate(content, others, rng):
    return content[: rng.integers(1, len(content) + 1)]


def _repeat(content, others, rng):
    first, last = sorted(rng.integers(0, len(content), 2))
    return content[:last] + content[first:last] * int(rng.integers(1, 4)) + content[last:]


def _splice(content, others, rng):
    other = others[rng.integers(len(others))]
    return content[: rng.integers(1, len(content) + 1)] + other[rng.integers(len(other)) :]


def _blank(content, others, rng):
    at, length = int(rng.integers(len(content))), int(rng.integers(1, 64))
    return content[:at] + bytes(length) + content[at + length :]


def _drop(content, others, rng):
    at, length = int(rng.integers(len(content))), int(rng.integers(1, 64))
    return content[:at] + content[at + length :]


def _number(content, others, rng):
    """A number in a text header, as in PPM's, becomes another."""
    numbers = list(re.finditer(rb"\d+", content[:40]))
    if not numbers:
        return _edit_header(content, others, rng)
    match = numbers[rng.integers(len(numbers))]
    return content[: match.start()] + rng.choice([b"0", b"1", b"255", b"65535", b"999999999"]) + content[match.end() :]


HAPPENINGS = [_flip, _edit_header, _truncate, _repeat, _splice, _blank, _drop, _number]
