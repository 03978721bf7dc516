"""The programs in benchmarks/ that need no other library, no data set and no minutes run: nothing else calls them."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SMALL = {
    "confined_attack": "--samples 1 --size 64 --min-probability 0.1",
    "many": "--only grad_cam --images 2 --turns 1",
    "quadtree convolution": "--images 1 --output {output}",
    "quadtree occlusion": "--images 1 --output {output}",
    "sanity": "--limit 1 --layers 1 --methods gradient --save {output}/randomisation.png",
    "scaling": "--point classes 2",
    "sess": "--limit 1 --timed 1 --methods grad_cam --scales 1 2 --pre-filters 0 --size 224 --output {output}",
}


@pytest.mark.parametrize("name", SMALL)
def test_a_benchmark_runs(name, tmp_path):
    file, *more = name.split()
    command = [sys.executable, ROOT / "benchmarks" / f"{file}.py", *more, *SMALL[name].format(output=tmp_path).split()]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr[-2000:]
    assert run.stdout.strip()
