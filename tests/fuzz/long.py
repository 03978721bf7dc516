"""Damaged photographs for as long as one likes, another seed each day: `make fuzz`, or this file with `--help`.

What fails is kept in a folder, so that it can be tried again; the numbers at the end say what came how often.
"""

import argparse
import datetime
import itertools
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
from mutations import EXIF_IN, MAX_SECONDS, mutated, seeds, verdict, with_damaged_exif

from tp_visualisation.images import load_image


def damaged_files(seed, share_of_exif=0.2):
    """Names and contents without end: mutated photographs of all kinds, and sound ones whose EXIF is damaged."""
    rng = np.random.default_rng(seed)
    sound = dict(seeds(rng))
    names, with_exif = list(sound), [name for name in EXIF_IN if name in sound]
    for number in itertools.count():
        if rng.random() < share_of_exif:
            name = with_exif[number % len(with_exif)]
            yield f"exif {name}", with_damaged_exif(name, rng)
        else:
            name = names[number % len(names)]
            yield f"mutated {name}", mutated(sound[name], list(sound.values()), rng)


def main():
    """Run, and print what came; the exit status says whether all went well."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--seconds", type=float, default=600)
    options.add_argument("--files", type=int, default=10**9, help="stop after so many")
    options.add_argument("--exif", type=float, default=0.2, help="share of files with nothing but damaged EXIF")
    options.add_argument("--seed", type=int, default=datetime.date.today().toordinal(), help="today's by default")
    options = options.parse_args()
    print(f"seed {options.seed}, {options.seconds:g} seconds", flush=True)
    kept, end, came, failed = Path(tempfile.mkdtemp(prefix="fuzz_")), time.monotonic() + options.seconds, Counter(), 0
    longest = (0.0, "")
    for number, (kind, content) in enumerate(
        itertools.islice(damaged_files(options.seed, options.exif), options.files)
    ):
        path = kept / f"{number:06}"
        path.write_bytes(content)
        start = time.thread_time()
        try:
            result = verdict(load_image, path if number % 2 else content, path.name if number % 2 else "the data given")
        except Exception as error:
            result = error
        seconds = time.thread_time() - start
        longest = max(longest, (seconds, f"{kind}, number {number}"))
        is_image = isinstance(result, tuple)
        came[kind.split()[0], "an image" if is_image else type(result).__name__] += 1
        right = is_image or (isinstance(result, (ValueError, OSError)) and not kind.startswith("exif"))
        if not right or seconds > MAX_SECONDS:
            failed += 1
            print(f"FAILED {path} ({kind}, {seconds:.1f} s): {result!r:.300}", flush=True)
        else:
            path.unlink()
        if time.monotonic() > end:
            break
    for (kind, what), times in sorted(came.items()):
        print(f"{kind}: {what}: {times}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{number + 1} files, {failed} failed; the longest took {longest[0]:.3f} s ({longest[1]}); peak {peak:.0f} MB"
    )
    if not failed:
        kept.rmdir()
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
