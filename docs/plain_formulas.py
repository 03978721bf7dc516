"""Formulas of docstrings, plain text there, as LaTeX: `w_k = mean_ij(∂S_c/∂A_k)`. The site shows them as formulas."""

import re
import unicodedata

NAMED = "Σ sum ∫ int ∂ partial ∇ nabla · cdot × times ⊙ odot ∈ in ≈ approx ∝ propto ~ sim ← leftarrow >= geq <= leq"
SIGNS = {sign: f"\\{name} " for sign, name in zip(*[iter(f"{NAMED} .. dots ... dots".split())] * 2, strict=True)}
SIGNS |= {sign: f"^{{{digit}}}" for digit, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
SIGNS |= {sign: f"_{{{digit}}}" for digit, sign in enumerate("₀₁₂₃₄₅₆₇₈₉")}
SIGNS |= {"⁺": "^{+}", "⁻": "^{-}", "ᵏ": "^{k}", "ᵀ": r"^{\mathsf{T}}"}
SIGNS |= {"−": "-", "‖": r"\|", "½": r"\tfrac{1}{2}", "↑": r"\text{↑}", "{": r"\{", "}": r"\}", "%": r"\%"}
ACCENTS = {"\u0302": "hat", "\u0304": "bar"}
LETTERS = "A-Za-zΑ-Ωα-ωĀḠŵℓ"
# Brackets, in which there are others.
PLAIN = r'[^()\[\]|‖"]'
DEEP = rf"(?:{PLAIN}|\({PLAIN}*\))*"
PAIR = rf"(?:\((?:{PLAIN}|\|{PLAIN}*\||[(\[]{DEEP}[)\]])*\)|\[{DEEP}\]|[|‖]{DEEP}[|‖])"
TOKEN = re.compile(
    r" ?(?P<option>[a-z]{3,}_[a-z]{3,})"
    r"| ?(?P<arg>arg )?(?P<best>max|min) over (?P<over>\w) of\s*"
    rf"|_(?:{{(?P<below>[^}}]*)}}|(?P<low>[{LETTERS}\d]+))"
    r"|\^(?:\((?P<power>[^()]*)\)|(?P<high>\w))"
    rf"|\|(?P<size>{DEEP})\|"
    r"|(?P<words>(?:(?<=[\w)|]) )?[A-Za-z]{2,}(?:\b(?:,? [A-Za-z]{2,}\b|-[A-Za-z]{2,}\b)*(?: (?=[\w(|]))?|(?=_)))"
    r"|(?P<wide>\s{2,})"
    r"|(?P<sign>>=|<=|\.\.\.?|\S)"
)
# In a fraction a/b stand single things, in a b / c products, up to the next sign of another kind.
SCRIPT = rf"(?:_{{[^}}]*}}|_[{LETTERS}\d]+|\^(?:\([^()]*\)|\w)|[⁰¹²³⁴-⁹₀-₉⁺⁻ᵏᵀ'])"
THING = rf"[∂∇]?(?:\d+\.\d+|[{LETTERS}\d]+|{PAIR}){SCRIPT}*(?:{PAIR})?"
PRODUCT = rf"(?:{PAIR}|[^()\[\]|‖/=≈∝·,+−])+"
FRACTIONS = [rf"({THING})/({THING})", rf"((?<=[=≈·,]){PRODUCT}|^{PRODUCT}) / (Σ{PRODUCT}|{THING})"]
# In prose a formula is things with signs between them, of which one is no word: a script, a sign, a single letter.
RELATION = r"(?:>=|<=|\.\.|[=≈∝~<>+−·×⊙∈/-])"
FORMULA = re.compile(rf"↑?{THING}(?:\s?{RELATION}\s?↑?{THING}|\s{THING})*")
WORD = re.compile(
    r"(?<![_\w])(?<!\w\()(?!(?<=Σ )[A-Z]|max \w\b|max \w_)[A-Za-z]{2,}(?![\w(])"  # but "Σ IG", "max p_c", "mean(A_k)"
    r"|\b[aA]\b(?! [=<>])"  # the article
)
SYMBOL = re.compile(r"(?<![^\W_])[^\W\d_]'?⁺?_(?:\{|\w{1,3}(?!\w))|[∂Σ∇⊙∝‖α-ωΨ²³ᵏᵀ⁺₀-₉^]")
LETTER = re.compile(r"\b[^\W\d_]\b")
TOP, BAR, BOTTOM = "\ue000\ue001\ue002"


def latex(text, display=False):
    """Return a formula of plain text as LaTeX; where it has a line of its own (`display`), with fractions."""
    for fraction in FRACTIONS if display else ():
        text = re.sub(fraction, lambda found: f"{TOP}{_bare(found[1])}{BAR}{_bare(found[2])}{BOTTOM}", text)
    text = TOKEN.sub(_latex, text)
    return text.replace(TOP, r"\frac{").replace(BAR, "}{").replace(BOTTOM, "}").strip()


def _latex(found):
    kind, piece = found.lastgroup, found[found.lastgroup]
    if kind == "over":
        best = ("\\arg\\" if found["arg"] else "\\") + found["best"]
        return rf"\underset{{{piece}}}{{{best}}} "
    if kind == "below":
        return f"_{{{latex(piece.replace(' in ', ' ∈ '))}}}"
    if kind == "low":
        return rf"_{{\text{{{piece}}}}}" if len(piece) > 3 else f"_{{{piece}}}"
    if kind in ("power", "high"):
        return f"^{{{latex(piece)}}}"
    if kind == "size":
        return rf"\left|{latex(piece)}\right|"
    if kind in ("option", "words"):
        return rf"\text{{{piece}}}"
    if kind == "wide":
        return r" \qquad " if len(piece) > 2 else r" \quad "
    letter, accent = (unicodedata.normalize("NFD", piece) + " ")[:2]
    return rf"\{ACCENTS[accent]}{{{letter}}}" if accent in ACCENTS else SIGNS.get(piece, piece)


def _bare(part):
    """A fraction's bar does what brackets around a part of it do."""
    part = part.strip()
    return part[1:-1] if re.fullmatch(r"\(.*\)", part) and re.fullmatch(PAIR, part) else part


def in_markdown(docstring):
    """Return a module's docstring as Markdown for Sphinx: what stands apart in a line of its own, and what does not."""
    blocks = re.split(r"\n\n((?: {4,}\S.*\n?)+)(?=\n|\Z)", docstring.strip() + "\n")  # prose, formulas, prose, ...
    for number, block in enumerate(blocks):
        if number % 2:
            lines, left = block.strip("\n").splitlines(), " " * (_indent(block) - 4)
            blocks[number] = "".join(f"\n\n{left}$$\n{left}{latex(line.strip(), True)}\n{left}$$\n" for line in lines)
        else:
            joined = re.sub(r"(?<=[^\s>])\n *(?=[^\s-])(?!\d\. )", " ", block)
            joined = re.sub(r">\n(?=\w)", ">\\\\\n", joined)  # a paper below another
            blocks[number] = in_prose(joined, "${}$")
    return "".join(blocks).strip()


def in_prose(text, form, letters=True):
    """Return prose with each formula in it in `form`; `letters`: also one that is a letter and nothing more."""
    parts = re.split(r"(`[^`]*`|<[^>\s]+>)", text)  # code and addresses stay
    parts[::2] = [_prose(part, form, letters) for part in parts[::2]]
    return "".join(parts)


def _prose(text, form, letters):
    text = re.sub(r"(?<=\d) x (?=\d)", " × ", text)
    said, at = "", 0
    while at < len(text):
        found = _longest(text, at, letters) if at == 0 or text[at - 1] in ' \n("' else None
        said += form.format(latex(found)) if found else text[at]
        at += len(found or text[at])
    return said


def _longest(text, at, letters):
    """The longest formula that begins here and is followed by the end of a word."""
    line = text[at : at + 120].partition("\n")[0]
    for end in range(len(line), 0, -1):
        if re.match(r"[.,;:)\"]*(?:\s|$)", text[at + end :]) and _is_formula(line[:end], letters):
            return line[:end]
    return None


def _is_formula(text, letters):
    if not FORMULA.fullmatch(text) or WORD.search(text):
        return False
    return bool(SYMBOL.search(text) or letters and LETTER.search(text))


def _indent(block):
    return len(block) - len(block.lstrip(" "))
