"""Saliency methods: image → map. `METHODS` lists them in the order of a lecture."""

from tp_visualisation.saliency.cam import cam, grad_cam, grad_cam_plus_plus, smooth_grad_cam_plus_plus
from tp_visualisation.saliency.cameras import cameras
from tp_visualisation.saliency.gradients import gradient, gradient_times_input
from tp_visualisation.saliency.group_cam import group_cam
from tp_visualisation.saliency.guided_backprop import guided_backprop
from tp_visualisation.saliency.integrated_gradients import integrated_gradients
from tp_visualisation.saliency.occlusion import occlusion
from tp_visualisation.saliency.quadtree_occlusion import quadtree_occlusion
from tp_visualisation.saliency.rise import rise, rise_estimates
from tp_visualisation.saliency.score_cam import score_cam
from tp_visualisation.saliency.sess import sess
from tp_visualisation.saliency.smoothgrad import smoothgrad
from tp_visualisation.saliency.xrai import xrai

METHODS = {
    "gradient": gradient,
    "gradient_times_input": gradient_times_input,
    "smoothgrad": smoothgrad,
    "integrated_gradients": integrated_gradients,
    "guided_backprop": guided_backprop,
    "cam": cam,
    "grad_cam": grad_cam,
    "grad_cam_plus_plus": grad_cam_plus_plus,
    "smooth_grad_cam_plus_plus": smooth_grad_cam_plus_plus,
    "score_cam": score_cam,
    "group_cam": group_cam,
    "rise": rise,
    "occlusion": occlusion,
    "xrai": xrai,
    "cameras": cameras,
    "sess": sess,
    "quadtree_occlusion": quadtree_occlusion,
}

__all__ = [
    "METHODS",
    "cam",
    "cameras",
    "grad_cam",
    "grad_cam_plus_plus",
    "gradient",
    "gradient_times_input",
    "group_cam",
    "guided_backprop",
    "integrated_gradients",
    "occlusion",
    "quadtree_occlusion",
    "rise",
    "rise_estimates",
    "score_cam",
    "sess",
    "smooth_grad_cam_plus_plus",
    "smoothgrad",
    "xrai",
]
