"""Saliency methods: image → map. `METHODS` lists them in the order of a lecture."""

from tp_visualisation.saliency.augmented_grad_cam import augmented_grad_cam
from tp_visualisation.saliency.cam import cam, cam_batch
from tp_visualisation.saliency.cameras import cameras, upsample_input
from tp_visualisation.saliency.excitation_backprop import excitation_backprop, excitation_backprop_batch
from tp_visualisation.saliency.extremal_perturbation import ExtremalMasks, extremal_perturbation
from tp_visualisation.saliency.grad_cam import (
    grad_cam,
    grad_cam_batch,
    grad_cam_plus_plus,
    grad_cam_plus_plus_batch,
    smooth_grad_cam_plus_plus,
)
from tp_visualisation.saliency.gradients import (
    gradient,
    gradient_batch,
    gradient_times_input,
    gradient_times_input_batch,
)
from tp_visualisation.saliency.group_cam import group_cam, group_cam_batch
from tp_visualisation.saliency.guided_backprop import guided_backprop, guided_backprop_batch
from tp_visualisation.saliency.integrated_gradients import Attribution, integrated_gradients, integrated_gradients_batch
from tp_visualisation.saliency.many import Explained, explain_many
from tp_visualisation.saliency.masks import BalancedBlocks, random_grids, upsampling
from tp_visualisation.saliency.meaningful_perturbation import meaningful_perturbation
from tp_visualisation.saliency.occlusion import hidden_probabilities, mean_over_boxes, occlusion, patches
from tp_visualisation.saliency.quadtree_occlusion import Refinement, quadtree_occlusion
from tp_visualisation.saliency.registry import BATCHED, METHODS, Batch, find_batched, find_method
from tp_visualisation.saliency.rise import Estimate, correlation_with_limit, rise, rise_estimates
from tp_visualisation.saliency.score_cam import score_cam, score_cam_batch
from tp_visualisation.saliency.sess import (
    Window,
    extraction,
    fusion,
    multi_scaling,
    pre_filtering,
    sess,
    sliding_window,
    smoothing,
)
from tp_visualisation.saliency.smoothgrad import smoothgrad, smoothgrad_batch
from tp_visualisation.saliency.xrai import find_regions, gather, xrai

METHODS.update(
    {
        "gradient": gradient,
        "gradient_times_input": gradient_times_input,
        "smoothgrad": smoothgrad,
        "integrated_gradients": integrated_gradients,
        "guided_backprop": guided_backprop,
        "excitation_backprop": excitation_backprop,
        "cam": cam,
        "grad_cam": grad_cam,
        "grad_cam_plus_plus": grad_cam_plus_plus,
        "smooth_grad_cam_plus_plus": smooth_grad_cam_plus_plus,
        "augmented_grad_cam": augmented_grad_cam,
        "score_cam": score_cam,
        "group_cam": group_cam,
        "rise": rise,
        "occlusion": occlusion,
        "meaningful_perturbation": meaningful_perturbation,
        "extremal_perturbation": extremal_perturbation,
        "xrai": xrai,
        "cameras": cameras,
        "sess": sess,
        "quadtree_occlusion": quadtree_occlusion,
    }
)

BATCHED.update(
    {
        "gradient": gradient_batch,
        "gradient_times_input": gradient_times_input_batch,
        "smoothgrad": smoothgrad_batch,
        "integrated_gradients": integrated_gradients_batch,
        "guided_backprop": guided_backprop_batch,
        "excitation_backprop": excitation_backprop_batch,
        "cam": cam_batch,
        "grad_cam": grad_cam_batch,
        "grad_cam_plus_plus": grad_cam_plus_plus_batch,
        "score_cam": score_cam_batch,
        "group_cam": group_cam_batch,
    }
)

__all__ = [
    "BATCHED",
    "METHODS",
    "Attribution",
    "BalancedBlocks",
    "Batch",
    "Estimate",
    "Explained",
    "ExtremalMasks",
    "Refinement",
    "Window",
    "augmented_grad_cam",
    "cam",
    "cameras",
    "correlation_with_limit",
    "excitation_backprop",
    "explain_many",
    "extraction",
    "extremal_perturbation",
    "find_batched",
    "find_method",
    "find_regions",
    "fusion",
    "gather",
    "grad_cam",
    "grad_cam_plus_plus",
    "gradient",
    "gradient_times_input",
    "group_cam",
    "guided_backprop",
    "hidden_probabilities",
    "integrated_gradients",
    "mean_over_boxes",
    "meaningful_perturbation",
    "multi_scaling",
    "occlusion",
    "patches",
    "pre_filtering",
    "quadtree_occlusion",
    "random_grids",
    "rise",
    "rise_estimates",
    "score_cam",
    "sess",
    "sliding_window",
    "smooth_grad_cam_plus_plus",
    "smoothgrad",
    "smoothing",
    "upsample_input",
    "upsampling",
    "xrai",
]
