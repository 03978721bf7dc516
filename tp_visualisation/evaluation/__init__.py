"""Measures of saliency maps: map → number; in `study`, an experiment over a data set."""

from tp_visualisation.evaluation.causal import (
    Curve,
    blurred_input,
    deletion,
    frames,
    insertion,
    overall,
    substituted_probabilities,
)
from tp_visualisation.evaluation.density import MapDensity, map_density
from tp_visualisation.evaluation.judged import pixel_ranks
from tp_visualisation.evaluation.localisation import (
    PointingAccuracy,
    box_overlap,
    energy_in_box,
    intersection_over_union,
    is_difficult,
    localisation_error,
    pointing_accuracy,
    pointing_game,
)
from tp_visualisation.evaluation.metrics import METRICS, Metric, Subject, find_metric
from tp_visualisation.evaluation.sanity import RandomizedLayer, RankCorruption, cascading_randomization, rank_corruption
from tp_visualisation.evaluation.study.benchmark import BenchmarkResult, benchmark
from tp_visualisation.evaluation.study.datasets import (
    CLASS_MAPPINGS,
    AnnotatedImage,
    AnnotatedObject,
    highest_class,
    read_class_mapping,
    read_coco,
    read_voc,
)
from tp_visualisation.evaluation.study.rows import Row
from tp_visualisation.evaluation.study.summary import Summary
from tp_visualisation.maps import Box

__all__ = [
    "CLASS_MAPPINGS",
    "METRICS",
    "AnnotatedImage",
    "AnnotatedObject",
    "BenchmarkResult",
    "Box",
    "Curve",
    "MapDensity",
    "Metric",
    "PointingAccuracy",
    "RandomizedLayer",
    "RankCorruption",
    "Row",
    "Subject",
    "Summary",
    "benchmark",
    "blurred_input",
    "box_overlap",
    "cascading_randomization",
    "deletion",
    "energy_in_box",
    "find_metric",
    "frames",
    "highest_class",
    "insertion",
    "intersection_over_union",
    "is_difficult",
    "localisation_error",
    "map_density",
    "overall",
    "pixel_ranks",
    "pointing_accuracy",
    "pointing_game",
    "rank_corruption",
    "read_class_mapping",
    "read_coco",
    "read_voc",
    "substituted_probabilities",
]
