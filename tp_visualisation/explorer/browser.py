"""The three widgets that need the browser: to read a file, to paint, to keep what one sees."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

_STATIC = Path(__file__).parent / "static"
LARGEST_FILE = 100  # MB
_BLANK: dict[str, Any] = {"sheet": 0, "strokes": []}


class Upload(anywidget.AnyWidget):
    """A button that reads a file of the user's.

    Args:
        label: on the button.
        received: called with the bytes of a file and its name.
        refused: called with the name and the megabytes of a file that is too large.
    """

    _esm = _STATIC / "upload.js"
    label = traitlets.Unicode().tag(sync=True)
    limit = traitlets.Int(LARGEST_FILE).tag(sync=True)

    def __init__(self, label: str, received: Callable[[bytes, str], None], refused: Callable[[str, int], None]) -> None:
        super().__init__(label=label)
        self._received, self._refused = received, refused
        self._name, self._size, self._content = "", 0, bytearray()
        self.on_msg(self._handle)

    def _handle(self, widget, message, buffers):
        match message:
            case {"kind": "begin", "name": name, "size": size}:
                self._name, self._size, self._content = name, size, bytearray()
                if size > self.limit << 20:
                    self._refused(name, size >> 20)
            case {"kind": "piece"} if len(self._content) < self._size <= self.limit << 20:
                self._content += buffers[0]
            case {"kind": "end"}:
                content, self._content = bytes(self._content), bytearray()
                self._received(content, self._name)


class Brush(anywidget.AnyWidget):
    """A photograph to paint on with the pointer or the keyboard.

    Attributes:
        picture: the photograph, as bytes of a JPEG file.
        size: its (H, W), in whose pixels `strokes` count.
        painted: "strokes", and the "sheet" that they are on: a number that grows when they are set here, so that
            what the browser still sends of an older one is dropped.
        radius: of the brush.
        keeps: whether all but the strokes is hidden.
        label: what a screen reader says.
    """

    _esm = _STATIC / "brush.js"
    picture = traitlets.Bytes().tag(sync=True)
    size = traitlets.List(traitlets.Int(), [1, 1]).tag(sync=True)
    painted = traitlets.Dict(_BLANK).tag(sync=True, echo_update=False)
    radius = traitlets.Int(20).tag(sync=True)
    keeps = traitlets.Bool(False).tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)

    @property
    def strokes(self) -> list:
        """What was painted, a list of [radius, [[x, y], ...]]."""
        return self.painted["strokes"]

    @strokes.setter
    def strokes(self, strokes: list) -> None:
        self.painted = {"sheet": self.painted["sheet"] + 1, "strokes": strokes}

    def set_state(self, sync_data: dict) -> None:
        """Take what the browser sends, but for strokes on an older sheet: the newer one is on its way there."""
        if sync_data.get("painted", self.painted)["sheet"] < self.painted["sheet"]:
            sync_data = {name: value for name, value in sync_data.items() if name != "painted"}
        super().set_state(sync_data)


class Keep(anywidget.AnyWidget):
    """The figure as a file, the code to copy; what the page is doing, and what went wrong.

    Args:
        words: what the buttons say, by "save", "copy", "copied", "code"; and, by "died", that the process is gone.
        save: called when the figure is wanted.
        arrived: called when a browser shows the page.
    """

    _esm = _STATIC / "keep.js"
    _css = _STATIC / "explorer.css"
    words = traitlets.Dict().tag(sync=True)
    status = traitlets.Unicode().tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)
    code = traitlets.Unicode().tag(sync=True)

    def __init__(self, words: dict[str, str], save: Callable[[], None], arrived: Callable[[], None]) -> None:
        super().__init__(words=words)
        answers = {"save": save, "here": arrived}
        self.on_msg(lambda widget, message, buffers: answers[message["kind"]]())

    def download(self, png: bytes, name: str) -> None:
        """Give the browser a picture to save under this name."""
        self.send({"kind": "picture", "name": name}, [png])
