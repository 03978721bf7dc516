"""What runs a network, and all that touches the inside of TensorFlow and Keras.

A method writes its step as a function of symbolic tensors, `step(network, *tensors, **options)`, defined at module
level. `classifier.run(step, ...)` traces it once together with the network, freezes the weights and reuses it:

    choice      which engine runs: `make_engine`
    tensorflow  trace, freeze, run; here too what a step may be given
    half        the same graphs with numbers of 16 bits, on a GPU or a processor that has them
    openvino    the same graphs converted to OpenVINO, and the cache of conversions
    network     the network inside a step: preprocessing, scores, probabilities, activations of a layer
    record      the network traced once, and copied into each step
    tracing     what layers a model has, and what they give
    inspection  the input size, the number of classes, and whether a model is a classifier
    inputs      what a model is called with: several inputs, of which one takes the images
    ending      the activation that turns scores into probabilities
    black_box   a function in the place of a model
    watching    the calls of layers seen by one thread, and by no other
    features    which layers give feature maps, and how tokens lie on the image
    folding     batch normalisations folded into the convolutions before them
    gradients   the engine of gradients: one forward pass for many classes of one image
    backward    its rules: no gradients of weights, and more rows than images
    guided      the backward rule of guided backpropagation
    excitation  the backward rule of excitation backprop
    pooled_head global average pooling and the dense layer after it, which CAM needs
    randomising weights shuffled layer by layer, and given back
    weights     have the weights changed, and whose are they?
"""

from tp_visualisation import steps
from tp_visualisation.engines.black_box import BlackBox, check_model
from tp_visualisation.engines.choice import ENGINES, make_engine
from tp_visualisation.engines.excitation import Excitation, NoRule, excitation, linear_excitation
from tp_visualisation.engines.gradients import GradientEngine
from tp_visualisation.engines.guided import guided_relus, has_relus
from tp_visualisation.engines.half import BFloat16Engine, HalfPrecisionEngine
from tp_visualisation.engines.inputs import input_shape_of
from tp_visualisation.engines.inspection import input_size_of, inspect_network, settle
from tp_visualisation.engines.network import Network
from tp_visualisation.engines.openvino import OpenVINOEngine, try_conversion
from tp_visualisation.engines.pooled_head import is_copy_of, pooled_head
from tp_visualisation.engines.randomising import layers_with_weights, shuffle, weights_restored
from tp_visualisation.engines.tensorflow import TensorFlowEngine
from tp_visualisation.engines.tracing import find_layer, layers_by_name, recording
from tp_visualisation.engines.weights import WeightsWatch, weights_digest

__all__ = [
    "ENGINES",
    "BFloat16Engine",
    "BlackBox",
    "Excitation",
    "GradientEngine",
    "HalfPrecisionEngine",
    "Network",
    "NoRule",
    "OpenVINOEngine",
    "TensorFlowEngine",
    "WeightsWatch",
    "check_model",
    "excitation",
    "find_layer",
    "guided_relus",
    "has_relus",
    "input_shape_of",
    "input_size_of",
    "inspect_network",
    "is_copy_of",
    "layers_by_name",
    "layers_with_weights",
    "linear_excitation",
    "make_engine",
    "pooled_head",
    "recording",
    "settle",
    "shuffle",
    "steps",
    "try_conversion",
    "weights_digest",
    "weights_restored",
]
