"""Print what works with what: a table in Markdown, every method on every network of the zoo, on six images each.

    python tests/zoo/table.py [NETWORK or METHOD ...]        all of them: about twenty minutes

`judging.py` says what a cell means.
"""

import importlib.util
import sys

from judging import METHODS, ZOO, cell

N_IMAGES = 6


def main(names):
    methods = [name for name in names if name in METHODS] or METHODS
    networks = [name for name in names if name not in METHODS]
    networks = networks or [name for name in ZOO if name != "KerasHub ViT" or importlib.util.find_spec("keras_hub")]
    print("| network |", " | ".join(f"`{method}`" for method in methods), "|")
    print("| --- |", " | ".join(["---:"] * len(methods)), "|", flush=True)
    for name in networks:
        cells = (cell(name, method, N_IMAGES) for method in methods)
        print(f"| {name} |", " | ".join(cells), "|", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
