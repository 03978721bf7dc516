"""Which engine runs a network's forward passes."""

import importlib.util

from tp_visualisation.checks import check_choice
from tp_visualisation.conversions import IN_BF16, computes_in_bf16
from tp_visualisation.engines.black_box import BlackBox
from tp_visualisation.engines.gpu import gpus
from tp_visualisation.engines.half import BFloat16Engine, HalfPrecisionEngine, tensorflow_has_bf16
from tp_visualisation.engines.network import Network
from tp_visualisation.engines.openvino import OpenVINOEngine
from tp_visualisation.engines.record import LARGEST_FROZEN
from tp_visualisation.engines.tensorflow import TensorFlowEngine

ENGINES = ("tensorflow", "tensorflow-f16", "tensorflow-bf16", "openvino", "openvino-bf16", "fastest")
WHY = {  # it is the fastest here
    "openvino-bf16": IN_BF16,
    "tensorflow-bf16": "this processor computes in bf16, and OpenVINO is not used",
    "tensorflow": "neither OpenVINO nor TensorFlow says that this processor computes in bf16",
}


def make_engine(network: Network, engine: str = "tensorflow") -> TensorFlowEngine:
    """Return the engine called `engine` for a network.

    Args:
        network: `Network`.
        engine: "tensorflow", which is always there and uses a GPU where there is one; "tensorflow-f16", on a GPU
            in half precision, with probabilities to about three digits; "tensorflow-bf16", up to twice as fast on
            processors that have bf16, with probabilities to about two digits; "openvino" (the extra of that name must
            be installed), on the CPU; "openvino-bf16", like TensorFlow's and faster for many networks; "fastest",
            the one of the others that is fastest here: its `reason` says why.

    Raises:
        ValueError: unknown name, OpenVINO is not installed, there is no GPU for half precision, or no bf16.
    """
    check_choice(ENGINES, engine=engine)
    if isinstance(network.model, BlackBox):
        if engine not in ("tensorflow", "fastest"):
            raise ValueError(f'a black box runs itself: leave engine="tensorflow", got "{engine}".')
        return TensorFlowEngine(network, frozen=False)
    if engine == "fastest":
        name, reason = _fastest(network.model)
        chosen = make_engine(network, name)
        chosen.reason = reason
        return chosen
    if engine == "tensorflow":
        return TensorFlowEngine(network)
    if engine == "tensorflow-f16":
        return HalfPrecisionEngine(network)
    if engine == "tensorflow-bf16":
        return BFloat16Engine(network)
    if importlib.util.find_spec("openvino") is None:
        raise ValueError('OpenVINO is not installed: pip install "tp_visualisation[openvino]", or engine="tensorflow".')
    return OpenVINOEngine(network, precision="bf16" if engine == "openvino-bf16" else "f32")


def _fastest(model):
    """The name of the fastest engine here, and why it is."""
    if gpus():
        return "tensorflow", "there is a GPU"
    if model.count_params() > LARGEST_FROZEN:
        return "tensorflow", f"the network has more than {LARGEST_FROZEN // 10**6} million weights"
    chosen = "openvino-bf16" if computes_in_bf16() else "tensorflow-bf16" if tensorflow_has_bf16() else "tensorflow"
    return chosen, WHY[chosen]
