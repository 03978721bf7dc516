"""What the page says, in English and in French: one table of words, and how numbers are written."""

from tp_visualisation.checks import check_choice

LANGUAGES = ("en", "fr")

WORDS = {  # key → English, French
    # The page
    "ask": ("Ask", "Demander"),
    "hide": ("Hide", "Cacher"),
    "rise": ("RISE, live", "RISE en direct"),
    "fool": ("Fool", "Tromper"),
    "dream": ("Dream", "Rêver"),
    "photograph": ("Photograph", "Photographie"),
    "open": ("Open a file…", "Ouvrir un fichier…"),
    "too_large": (
        "{name} has {size} MB, and the explorer reads files up to {limit} MB: save it smaller first.",
        "{name} pèse {size} Mo, et l'explorateur lit des fichiers jusqu'à {limit} Mo : enregistrez-le plus petit.",
    ),
    "class": ("Class", "Classe"),
    "predicted": ("most probable", "la plus probable"),
    "second": ("second most probable", "la deuxième"),
    "by_name": ("this one:", "celle-ci :"),
    "class_name": ("Name of the class", "Nom de la classe"),
    "class_hint": ("type a name, such as tarantula", "tapez un nom, par exemple tarantula"),
    "network": ("Network", "Réseau"),
    "busy": ("computing…", "calcul…"),
    "done": ("ready", "prêt"),
    "stopped": ("stopped", "arrêté"),
    "died": (
        "The process of this page has ended, perhaps for lack of memory: load the page, or run its cell, once more.",
        "Le processus de cette page est arrêté, faute de mémoire peut-être : rechargez la page ou la cellule.",
    ),
    "marimo": (
        "marimo does not show ipywidgets, of which the explorer is made: run “tpvis explore” in a terminal instead.",
        "marimo n'affiche pas les ipywidgets dont l'explorateur est fait : tapez « tpvis explore » dans un terminal.",
    ),
    "save": ("Save as PNG", "Enregistrer en PNG"),
    "copy": ("Copy as Python", "Copier en Python"),
    "copied": ("copied", "copié"),
    "code": ("The code that makes it", "Le code qui fait la même chose"),
    "stop": ("Stop", "Arrêter"),
    "start": ("Start", "Démarrer"),
    "seed": ("Seed", "Graine"),
    "seconds": ("{number} s", "{number} s"),
    "bars": ("The {number} most probable classes", "Les {number} classes les plus probables"),
    "scores": ("The {number} largest outputs", "Les {number} sorties les plus grandes"),
    "explained": ("the class in question", "la classe en question"),
    "sees": ("What the network sees", "Ce que voit le réseau"),
    # Ask
    "method": ("Method", "Méthode"),
    "options": ("Options of {name}", "Options de {name}"),
    "no_options": ("{name} has no options.", "{name} n'a pas d'options."),
    "default": ("the method's", "celle de la méthode"),
    "compare": ("Beside it", "À côté"),
    "nothing": ("nothing", "rien"),
    "other_method": ("another method", "une autre méthode"),
    "second_method": ("Method 2", "Méthode 2"),
    "second_class": ("Class 2", "Classe 2"),
    "second_network": ("Network 2", "Réseau 2"),
    "other_class": ("another class", "une autre classe"),
    "other_network": ("another network", "un autre réseau"),
    "opacity": ("Opacity", "Opacité"),
    "colours": ("Colours", "Couleurs"),
    "automatic": ("automatic", "automatiques"),
    "map_of": ("{method} of {label}, on {photograph}", "{method} de {label}, sur {photograph}"),
    # Hide
    "brush": ("The brush", "Le pinceau"),
    "hides": ("hides", "cache"),
    "keeps": ("hides all else", "cache tout le reste"),
    "with": ("Hidden by", "Caché par"),
    "grey": ("grey", "du gris"),
    "blur": ("a blur", "un flou"),
    "zero": ("the network's zero", "le zéro du réseau"),
    "size": ("Size", "Taille"),
    "undo": ("Undo", "Annuler"),
    "clear": ("Clear", "Effacer"),
    "paint": (
        "The photograph to paint on. Arrow keys move the brush, the space bar paints, Ctrl-Z takes back.",
        "La photographie à peindre. Les flèches déplacent le pinceau, la barre d'espace peint, Ctrl-Z annule.",
    ),
    "said_by": ("Foretold by", "Prédit par"),
    "nothing_hidden": ("Nothing is hidden yet: paint on the photograph.", "Rien n'est caché : peignez sur la photo."),
    "cost": (
        "{area} of the photograph is hidden, with {share} of the map: hiding this should cost {share} of {label}. "
        "It went from {before} to {after}: {lost}.",
        "{area} de la photo est caché, avec {share} de la carte : cela devrait coûter {share} de {label}. "
        "On passe de {before} à {after} : {lost}.",
    ),
    "lost": ("{share} lost", "{share} de perdu"),
    "gained": ("{share} gained", "{share} de gagné"),
    # RISE
    "cells": ("Cells a side", "Cases par côté"),
    "n_masks": ("Masks at most", "Masques max."),
    "balanced": ("balanced masks", "masques équilibrés"),
    "random": ("random masks", "masques au hasard"),
    "mask": ("the last mask", "le dernier masque"),
    "error": ("standard error", "erreur type"),
    "so_far": (
        "{number} masks, correlation with the limit {r}, {seconds}",
        "{number} masques, corrélation avec la limite {r}, {seconds}",
    ),
    "unknown": ("not known yet", "pas encore connue"),
    "settled": ("settled", "stable"),
    # Fool
    "target": ("See it as", "Le voir comme"),
    "attack": ("Attack", "Attaque"),
    "epsilon": ("ε (grey levels)", "ε (gris)"),
    "one_step": ("One step more", "Un pas de plus"),
    "all_steps": ("All the way", "Jusqu'au bout"),
    "again": ("Back to the photograph", "Retour à la photo"),
    "jpeg": ("JPEG quality", "Qualité JPEG"),
    "before": ("before", "avant"),
    "after": ("after", "après"),
    "after_jpeg": ("after JPEG", "après JPEG"),
    "difference": ("difference × 10", "différence × 10"),
    "fooled": ("The network is fooled after {steps}.", "Le réseau est trompé après {steps}."),
    "not_fooled": ("Not fooled after {steps}: {reason}.", "Pas encore trompé après {steps} : {reason}."),
    "changed": (
        "No pixel changed by more than {linf} grey levels of 255.",
        "Aucun pixel n'a changé de plus de {linf} niveaux de gris sur 255.",
    ),
    "survives": ("JPEG does not undo it.", "Le JPEG ne l'annule pas."),
    "undone": ("JPEG undoes it.", "Le JPEG l'annule."),
    "not_attacked": ("Choose a class, then take a step.", "Choisissez une classe, puis faites un pas."),
    # Dream
    "n_steps": ("Steps", "Pas"),
    "written_in": ("Written in", "Écrite en"),
    "from": ("Starts from", "Part"),
    "noise": ("noise", "du bruit"),
    "this_photograph": ("the photograph", "de la photo"),
    "snapshot": ("step {step}: {label} {answer}", "pas {step} : {label} {answer}"),
    "probability_of": ("Probability of {label}, step by step", "Probabilité de {label}, pas à pas"),
    "score_of": ("Output of {label}, step by step", "Sortie de {label}, pas à pas"),
    "image_of": ("An image of the class {label}", "Une image de la classe {label}"),
}


class Language:
    """One language of the table: `language("save")` is what the page says for a key.

    Raises:
        ValueError: another language than "en" or "fr".
    """

    def __init__(self, code: str = "en") -> None:
        check_choice(LANGUAGES, language=code)
        self.code = code

    def __call__(self, key: str, **values) -> str:
        return WORDS[key][LANGUAGES.index(self.code)].format(**values)

    def percent(self, share: float) -> str:
        """Return a share as per cent, with one decimal."""
        return f"{100 * share:.1f}".replace(".", self._point) + (" %" if self.code == "fr" else "%")

    def number(self, value: float, form: str = ".2f") -> str:
        """Return a number in this form, with the language's decimal sign."""
        return f"{value:{form}}".replace(".", self._point)

    def seconds(self, seconds: float) -> str:
        """Return a time, such as "0.25 s"."""
        return self("seconds", number=self.number(seconds, ".2f" if seconds < 10 else ".0f"))

    def steps(self, number: int) -> str:
        """Return "1 step" or "10 steps"."""
        return f"{number} pas" if self.code == "fr" else f"{number} step{'s' * (number != 1)}"

    @property
    def _point(self):
        return "," if self.code == "fr" else "."
