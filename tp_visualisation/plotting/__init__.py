"""Figures. The only folder that imports matplotlib: methods return raw numbers, and everything visual happens here.

maps           saliency maps as colours: `plot_explanation`, `plot_maps`, `plot_windows`, `plot_leaves`, `overlay`
measures       what is measured of maps: `plot_curves`, `plot_passes`, `plot_randomization`, `plot_benchmark`
made_images    images that methods made: `plot_adversarial`, `plot_progress`, `plot_sweep`
figure         what they are drawn on, and how it is written: `Figure`, `save_figure`, `save_gif`
"""

from tp_visualisation.plotting.figure import Figure, check_figure_path, save_figure, save_gif
from tp_visualisation.plotting.made_images import plot_adversarial, plot_progress, plot_sweep
from tp_visualisation.plotting.maps import (
    DIVERGING,
    SEQUENTIAL,
    check_colour_map,
    colour_limits,
    colourise,
    overlay,
    plot_explanation,
    plot_leaves,
    plot_maps,
    plot_windows,
    show_box,
    show_image,
    show_map,
)
from tp_visualisation.plotting.measures import plot_benchmark, plot_curves, plot_passes, plot_randomization

__all__ = [
    "DIVERGING",
    "SEQUENTIAL",
    "Figure",
    "check_colour_map",
    "check_figure_path",
    "colour_limits",
    "colourise",
    "overlay",
    "plot_adversarial",
    "plot_benchmark",
    "plot_curves",
    "plot_explanation",
    "plot_leaves",
    "plot_maps",
    "plot_passes",
    "plot_progress",
    "plot_randomization",
    "plot_sweep",
    "plot_windows",
    "save_figure",
    "save_gif",
    "show_box",
    "show_image",
    "show_map",
]
