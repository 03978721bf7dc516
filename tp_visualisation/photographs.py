"""Photographs from anywhere: known formats only, no more pixels than allowed, every error with the name of the file."""

import contextlib
import importlib.util
import io
import os
import re
import sys
import warnings
from pathlib import Path
from typing import BinaryIO

import numpy as np
import PIL.Image
from PIL.JpegImagePlugin import JpegImageFile
from PIL.TiffImagePlugin import TiffImageFile

from tp_visualisation.checks import check_number
from tp_visualisation.names import one_line

MAX_PIXELS = 100_000_000
MAX_BYTES = 2**30  # of a file
MAX_TILE = 1024 * 1024  # pixels that a tile of a TIFF may always have
MAX_SCANS = 100  # of a JPEG: each takes the time of a picture, and ten are usual
FORMATS = {  # Pillow's name → how a file begins; none of them starts another program, as EPS does
    "JPEG": rb"\xff\xd8\xff",  # MPO is a JPEG with more behind it
    "PNG": rb"\x89PNG\r\n\x1a\n",
    "WEBP": rb"RIFF....WEBP",
    "GIF": rb"GIF8[79]a",
    "TIFF": rb"II[*+]\0|MM\0[*+]|MM[*]\0|II\0[*]",
    "BMP": rb"BM",
    "PPM": rb"P[1-6][\s#]",
    "AVIF": rb"....ftyp(avi[fs]|(mif1|msf1).*?avi[fs])",
    "HEIF": rb"....ftyp(hei[cxms]|hev[cxms]|mif1|msf1)",
}
READABLE = "JPEG, PNG, WebP, GIF, TIFF, BMP, PPM, MPO, AVIF and, with pillow-heif, HEIC"

_TURNS = {  # EXIF orientation → what puts the picture upright
    2: PIL.Image.Transpose.FLIP_LEFT_RIGHT,
    3: PIL.Image.Transpose.ROTATE_180,
    4: PIL.Image.Transpose.FLIP_TOP_BOTTOM,
    5: PIL.Image.Transpose.TRANSPOSE,
    6: PIL.Image.Transpose.ROTATE_270,
    7: PIL.Image.Transpose.TRANSVERSE,
    8: PIL.Image.Transpose.ROTATE_90,
}
_MARKER = re.compile(rb"\xff+([\x01-\xcf\xd8-\xfe])")  # of a JPEG's segment: pixels hold none but \x00 and \xd0-\xd7
_TILE_WIDTH, _TILE_LENGTH, _ORIENTATION = 322, 323, 274


class _Refused(Exception):
    """What is wrong with a photograph, said after its name."""


class _Jpeg(JpegImageFile):
    def _read_dpi_from_exif(self):
        """Nothing: of EXIF, only the orientation is of interest, and the rest may be damaged."""


class _Tiff(TiffImageFile):
    def load_end(self):
        """Keep EXIF while the file is open, and leave out Pillow's turning, which needs all of it to be sound."""
        with contextlib.suppress(Exception):
            self.getexif()
        self._size = self.im.size  # Pillow announces that of the upright picture


def read_pixels(source: str | os.PathLike | bytes | BinaryIO, max_pixels: float) -> np.ndarray:
    """Return the pixels of a photograph, uint8 (H, W, 3): arguments and errors are those of `images.load_image`."""
    check_number("[1, inf)", "the largest number of pixels", max_pixels=max_pixels)
    name, stream = _open(source)
    with stream, _named(name), warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.|pillow_heif")  # of sizes and metadata: ours are the limits
        format = _format_of(stream)
        try:
            picture = _identify(format, stream)
        except Exception as error:
            if format not in ("AVIF", "HEIF") or isinstance(error, (MemoryError, _Refused)):
                raise  # in the other two EXIF is read at once, and may be all that is damaged
            stream.seek(0)
            picture = _identify(format, io.BytesIO(stream.read().replace(b"Exif", b"Skip")))
        with picture:
            _check_pixels(picture, max_pixels)
            rawmode = _rawmode(picture)
            picture.load()
            turn = _turn(picture)
            image, bits = picture, 0
            if rawmode and np.asarray(picture)[..., : -1 if picture.mode.endswith("A") else None].max() < 2**14 >> 8:
                stream.seek(0)
                image, bits = _stretch(picture, _identify(format, stream), rawmode)
            elif picture.mode.startswith("I"):  # 16-bit grey: Pillow would clip at 255 instead of scaling
                image, bits = _scale(np.asarray(picture))
            image = _to_rgb(image if turn is None else image.transpose(turn))
    if bits:
        warnings.warn(
            f"{name} holds {bits}-bit numbers in 16 bits, as X-ray and thermal cameras write them: "
            f"it was stretched so that {2**bits - 1} is white. Save it with 8 bits to choose what is white.",
            stacklevel=3,
        )
    return image


@contextlib.contextmanager
def _named(name):
    """Whatever a decoder raises is a ValueError with the name of the file."""
    try:
        yield
    except _Refused as refused:
        raise ValueError(f"{name} {refused}") from refused.__cause__
    except (MemoryError, PIL.Image.DecompressionBombError) as error:
        raise ValueError(f"{name} is too large: make it smaller first ({one_line(error)}).") from error
    except PIL.UnidentifiedImageError as error:
        raise ValueError(f"{name} is damaged or cut short, right where it begins.") from error
    except Exception as error:
        raise ValueError(f"{name} is damaged or cut short: {one_line(error)}.") from error


def _open(source):
    """A name for messages, and an open file that can go back to its beginning."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        name, stream = "the data given", io.BytesIO(source)
    elif hasattr(source, "read"):
        name = f'the file object "{getattr(source, "name", type(source).__name__)}"'
        if hasattr(source, "seekable") and source.seekable():
            source.seek(0)
        content = source.read()
        if not isinstance(content, bytes):
            raise ValueError(f'{name} is a text file: open it with mode "rb".')
        stream = io.BytesIO(content)
    elif not isinstance(source, (str, os.PathLike)):
        raise ValueError(f"a path, bytes or a file object was expected, got {type(source).__name__}.")
    else:
        name, stream = _open_path(os.fsdecode(source))
    if not stream.read(1):
        stream.close()
        raise ValueError(f"{name} is empty: an image was expected.")
    stream.seek(0)
    return name, stream


def _open_path(source):
    if source == "-":
        if sys.stdin is None or sys.stdin.isatty():
            raise ValueError('"-" is standard input, and nothing comes from there: python program.py < photo.jpg')
        return "standard input", _read_whole("standard input", sys.stdin.buffer)
    name, path = f'"{source}"', Path(source)
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:/", source) and not path.exists():
        raise ValueError(f"{name} is an address, and photographs are read from files: download it, and give its path.")
    with contextlib.suppress(RuntimeError):  # no such user: then there is no such file either
        path = path.expanduser()
        name = f'"{path}"'
    if not path.exists():
        raise FileNotFoundError(f"there is no file {name}.")
    if path.is_dir():
        raise ValueError(f"{name} is a folder: give the path of an image.")
    if path.is_fifo():
        with path.open("rb") as pipe:
            return name, _read_whole(name, pipe)
    if not path.is_file():
        raise ValueError(f"{name} is a device: give the path of an image.")
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"{name} is too large: a photograph has no more than {MAX_BYTES:,} bytes.")
    return name, path.open("rb")


def _read_whole(name, pipe):
    content = pipe.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ValueError(f"{name} is too large: a photograph has no more than {MAX_BYTES:,} bytes.")
    return io.BytesIO(content)


def _format_of(stream):
    beginning = stream.read(64)
    stream.seek(0)
    for format, magic in FORMATS.items():
        if re.match(magic, beginning, re.DOTALL):
            return format
    raise _Refused(f"is not an image that can be read: {READABLE}.")


def _identify(format, stream):
    """The picture, not yet decoded."""
    if format == "JPEG":
        _check_scans(stream.read())
        stream.seek(0)
        return _Jpeg(stream)
    if format == "TIFF":
        return _Tiff(stream)
    if format == "HEIF":
        try:
            from pillow_heif import register_heif_opener
        except ImportError as error:
            raise _Refused(
                'is a HEIC photograph, the iPhone\'s own format: pip install "tp_visualisation[heic]" to read it '
                '(or pip install pillow-heif), or save it as JPEG (on the phone: Settings, Camera, Formats, "Most '
                'Compatible").'
            ) from error
        register_heif_opener(thumbnails=False)
    elif format == "AVIF" and importlib.util.find_spec("PIL._avif") is None:
        raise _Refused('is an AVIF photograph: pip install "pillow>=11.3" to read it, or save it as JPEG.')
    return PIL.Image.open(stream, formats=[format])


def _check_scans(content):
    if content.count(b"\xff\xda") <= MAX_SCANS:  # what begins a scan may stand elsewhere too, and seldom does
        return
    at, n_scans = 2, 0
    while (found := _MARKER.search(content, at)) and found[1] != b"\xd9":  # the end of the picture
        n_scans += found[1] == b"\xda"
        if n_scans > MAX_SCANS:
            raise _Refused(f"would take too long: it is a JPEG of more than {MAX_SCANS} scans, save it again.")
        at = found.end() + int.from_bytes(content[found.end() : found.end() + 2], "big")


def _check_pixels(picture, max_pixels):
    width, height = picture.size
    if width * height > max_pixels:
        raise _Refused(
            f"is too large: make it smaller first, in an image editor or with `magick photo.jpg -resize 4000x4000 "
            f"smaller.jpg`; in Python max_pixels allows more ({width} x {height} = {width * height:,} pixels exceeds "
            f"{max_pixels:,})."
        )
    if isinstance(picture, TiffImageFile):
        tile = [picture.tag_v2.get(tag, 1) for tag in (_TILE_WIDTH, _TILE_LENGTH)]
        if tile[0] * tile[1] > max(max_pixels, MAX_TILE):
            raise _Refused(f"is too large: it is cut into tiles of {tile[0]} x {tile[1]} pixels: save it as PNG.")


def _turn(picture):
    """How Pillow puts the picture upright, None if it is."""
    try:
        return _TURNS.get(picture.getexif().get(_ORIENTATION))
    except Exception:  # EXIF comes from all kinds of programs, and a photograph is none the worse for it
        return None


def _rawmode(picture):
    """How the 16-bit colours of a picture lie in its file, "RGB;16B"; None if they have 8 bits."""
    args = picture.tile[0].args if picture.tile else ""
    rawmode = args[0] if isinstance(args, tuple) and args else args
    return rawmode if re.fullmatch("(RGBA?|LA);16[BLN]", str(rawmode)) else None


def _stretch(high, low, rawmode):
    """A picture of 16-bit colours, and their bits: Pillow keeps the `high` bytes; `low`, not yet decoded, has both."""
    args = low.tile[0].args
    swapped = rawmode[:-1] + ("L" if rawmode[-1] == "B" or (rawmode[-1] == "N" and sys.byteorder == "big") else "B")
    if high.mode == "LA":
        raise _Refused("holds 16-bit grey with transparency that uses few of its bits: save it with 8 bits.")
    low.tile = [tile._replace(args=swapped if args == rawmode else (swapped, *args[1:])) for tile in low.tile]
    low.load()
    pixels = np.array(high)
    scaled, bits = _scaled(pixels[..., :3] * np.uint16(256) + np.asarray(low)[..., :3])
    pixels[..., :3] = scaled
    return PIL.Image.fromarray(pixels), bits


def _scale(numbers):
    """A grey picture of 16-bit numbers, and their bits."""
    scaled, bits = _scaled(numbers)
    return PIL.Image.fromarray(scaled), bits


def _scaled(numbers):
    """16-bit numbers as uint8, and how many bits they have where the highest shows that they are 8 to 14, else 0."""
    low, high = int(numbers.min()), int(numbers.max())
    if low < 0 or high > 65535:
        raise _Refused("holds 32-bit integers, whose range nobody knows: save it with 8 bits.")
    bits = max(8, high.bit_length()) if 0 < high < 2**14 else 0
    return np.rint(numbers * (255 / (2 ** (bits or 16) - 1))).astype(np.uint8), bits


def _to_rgb(picture):
    if picture.mode == "F":
        raise _Refused("holds floating-point numbers, whose range nobody knows: save it with 8 bits.")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        white = PIL.Image.new("RGBA", picture.size, "white")
        picture = PIL.Image.alpha_composite(white, picture)
    return np.array(picture if picture.mode == "RGB" else picture.convert("RGB"))  # `convert` always copies
