"""Adversarial examples: image → image that fools a network. `ATTACKS` lists them in the order of a lecture."""

from tp_visualisation.adversarial.confined import confined_attack
from tp_visualisation.adversarial.deepfool import deepfool
from tp_visualisation.adversarial.example import AdversarialExample, Verdict, survives_jpeg, transfer
from tp_visualisation.adversarial.fgsm import fgsm
from tp_visualisation.adversarial.fooling import fool
from tp_visualisation.adversarial.pgd import pgd

ATTACKS = {
    "fool": fool,
    "fgsm": fgsm,
    "pgd": pgd,
    "deepfool": deepfool,
    "confined_attack": confined_attack,
}

__all__ = ["ATTACKS", "AdversarialExample", "Verdict", "survives_jpeg", "transfer", *ATTACKS]
