"""Follow every link of a built site: pages, pictures and anchors are there, and nothing is loaded from elsewhere."""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {("img", "src"), ("script", "src"), ("link", "href"), ("iframe", "src"), ("source", "src"), ("video", "src")}
FOLLOWED = {("a", "href")}


class _Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.anchors, self.loaded, self.followed = set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name == "id":
                self.anchors.add(value)
            if (tag, name) in LOADED and ("rel", "canonical") not in attributes:
                self.loaded.append(value)
            if (tag, name) in FOLLOWED:
                self.followed.append(value)


def wrong(site):
    """Return a line for each link of the pages in the folder `site` that leads nowhere, or loads from elsewhere."""
    read = {path: _Page(path.read_text(encoding="utf-8")) for path in sorted(Path(site).rglob("*.html"))}
    said = []
    for path, page in read.items():
        for link in page.loaded + page.followed:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                if link in page.loaded and parts.scheme != "data":
                    said.append(f"{path.relative_to(site)}: loads {link}")
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.is_file():
                said.append(f"{path.relative_to(site)}: no file {link}")
            elif parts.fragment and target in read and unquote(parts.fragment) not in read[target].anchors:
                said.append(f"{path.relative_to(site)}: no anchor {link}")
    for path in sorted(Path(site).rglob("*.css")):
        for link in re.findall(r"url\(['\"]?((?:https?:)?//[^)'\"]*)", path.read_text(encoding="utf-8")):
            said.append(f"{path.relative_to(site)}: loads {link}")
    return said
