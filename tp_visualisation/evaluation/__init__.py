"""Measures of saliency maps: map → number."""

from tp_visualisation.evaluation.benchmark import METRICS, BenchmarkResult, benchmark
from tp_visualisation.evaluation.causal import Curve, deletion, frames, insertion, overall
from tp_visualisation.evaluation.datasets import (
    CLASS_MAPPINGS,
    AnnotatedImage,
    AnnotatedObject,
    highest_class,
    read_class_mapping,
    read_coco,
    read_voc,
)
from tp_visualisation.evaluation.density import MapDensity, map_density
from tp_visualisation.evaluation.localisation import (
    Box,
    PointingAccuracy,
    is_difficult,
    pointing_accuracy,
    pointing_game,
)
from tp_visualisation.evaluation.sanity import (
    RandomizedLayer,
    RankCorruption,
    cascading_randomization,
    rank_corruption,
)
from tp_visualisation.evaluation.summary import Score

__all__ = [
    "CLASS_MAPPINGS",
    "METRICS",
    "AnnotatedImage",
    "AnnotatedObject",
    "BenchmarkResult",
    "Box",
    "Curve",
    "MapDensity",
    "PointingAccuracy",
    "RandomizedLayer",
    "RankCorruption",
    "Score",
    "benchmark",
    "cascading_randomization",
    "deletion",
    "frames",
    "highest_class",
    "insertion",
    "is_difficult",
    "map_density",
    "overall",
    "pointing_accuracy",
    "pointing_game",
    "rank_corruption",
    "read_class_mapping",
    "read_coco",
    "read_voc",
]
