"""Adversarial examples: image → image that fools a network. `ATTACKS` lists them in the order of a lecture."""

from collections.abc import Callable

from tp_visualisation.adversarial.confined import confined_attack
from tp_visualisation.adversarial.deepfool import deepfool
from tp_visualisation.adversarial.example import AdversarialExample, Verdict, survives_jpeg, transfer
from tp_visualisation.adversarial.fgsm import fgsm
from tp_visualisation.adversarial.fooling import fool
from tp_visualisation.adversarial.pgd import pgd
from tp_visualisation.adversarial.search import Images, Search

ATTACKS: dict[str, Callable] = {
    "fool": fool,
    "fgsm": fgsm,
    "pgd": pgd,
    "deepfool": deepfool,
    "confined_attack": confined_attack,
}

__all__ = [
    "ATTACKS",
    "AdversarialExample",
    "Images",
    "Search",
    "Verdict",
    "confined_attack",
    "deepfool",
    "fgsm",
    "fool",
    "pgd",
    "survives_jpeg",
    "transfer",
]
