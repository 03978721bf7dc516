"""Formulas of docstrings, as LaTeX: what is a formula, what is not, and how it is set."""

import re
import sys
from pathlib import Path

import pytest

import tp_visualisation as tpv

sys.path.insert(0, str(Path(__file__).parent.parent / "docs"))

import plain_formulas


@pytest.mark.parametrize(
    ("plain", "latex"),
    [
        ("w_k", "w_{k}"),
        ("w⁺_ij", "w^{+}_{ij}"),
        ("x₀", "x_{0}"),
        ("g_k²", "g_{k}^{2}"),
        ("X_tᵀ", r"X_{t}^{\mathsf{T}}"),
        ("e^(20 z_i)", "e^{20 z_{i}}"),
        ("p_contrast", r"p_{\text{contrast}}"),
        ("Σ_{k in g} A_k", r"\sum _{k \in  g} A_{k}"),
        ("Ā ⊙ ŵ", r"\bar{A} \odot  \hat{w}"),
        ("x >= 0", r"x \geq  0"),
        ("|1 − m|", r"\left|1 - m\right|"),
        ("ReLU(w)", r"\text{ReLU}(w)"),
        ("mean_ij(g)", r"\text{mean}_{ij}(g)"),
        ("arg max over m of  S_c(m)", r"\underset{m}{\arg\max} S_{c}(m)"),
        ("mean of d_b over the patches b", r"\text{mean of }d_{b}\text{ over the patches }b"),
        ("noise_level · n", r"\text{noise_level} \cdot  n"),
        ("a = b    c = d", r"a = b \qquad c = d"),
    ],
)
def test_a_formula_becomes_latex(plain, latex):
    assert plain_formulas.latex(plain) == latex


@pytest.mark.parametrize(
    ("plain", "latex"),
    [
        ("1/n", r"\frac{1}{n}"),
        ("∂S/∂x", r"\frac{\partial S}{\partial x}"),
        ("S ≈ 1 / (N p) x", r"S \approx \frac{1}{N p} x"),
        ("a · b c / Σ_k x_k w_k, d", r"a \cdot \frac{b c}{\sum _{k} x_{k} w_{k}}, d"),
        ("g = a_i / |new(r)|", r"g =\frac{a_{i}}{\left|\text{new}(r)\right|}"),
        ("M = L(x) / Σ_i [L_i(x) > 0]", r"M =\frac{L(x)}{\sum _{i} [L_{i}(x) > 0]}"),
    ],
)
def test_a_formula_with_a_line_of_its_own_has_fractions(plain, latex):
    assert plain_formulas.latex(plain, display=True) == latex
    assert "frac" not in plain_formulas.latex(plain)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Feature map A_k (rows × columns) of a layer.", ["A_k"]),
        ("A mask m in [0, 1] has 28 × 28 cells.", ["m"]),
        ("With w = ∂S_c/∂I, the gradient,", ["w = ∂S_c/∂I"]),
        ('Values x >= 0 ("i = 0..n-1"), s-th;', ["x >= 0", "i = 0..n-1"]),
        ("it is Σ_k q_k A_k / Σ A_k: `w_k` at <https://x.org/a_b>", ["Σ_k q_k A_k / Σ A_k"]),
        ("The factor (x − x₀) makes Σ IG = S_c(x) − S_c(x₀). Σ runs", ["(x − x₀)", "Σ IG = S_c(x) − S_c(x₀)", "Σ"]),
        ("M = max over the channels of |ŵ|, p_c / max p_c", ["M", "|ŵ|", "p_c / max p_c"]),
        ("S_c(I) − S_c(baseline) over (rows × columns)", ["S_c(I) − S_c(baseline)"]),
        ("Grad-CAM, ReLU6, 0.35 % more, n_steps, 3 x 3, its own, e.g. don't: A list", []),
    ],
)
def test_formulas_are_found_in_prose(text, found, monkeypatch):
    monkeypatch.setattr(plain_formulas, "latex", lambda formula: formula)
    assert re.findall("⟨(.*?)⟩", plain_formulas.in_prose(text, "⟨{}⟩")) == found


def test_letters_alone_may_be_left():
    assert plain_formulas.in_prose("arrays (N, H, W), η, ∂S_c/∂I of x", "⟨{}⟩", letters=False) == (
        r"arrays (N, H, W), ⟨η⟩, ⟨\partial S_{c}/\partial I⟩ of x"
    )


def test_a_docstring_becomes_markdown():
    docstring = """Title: x.

    One mask
    m of 7 x 7:

        M_k = m

    1. An item,

           k = 1
           l = 2

       goes on
       here.
    2. Another.

    <https://a.org/1>
    Second paper.
    """
    assert plain_formulas.in_markdown(re.sub("^    ", "", docstring, flags=re.M)) == (
        "Title: $x$.\n\nOne mask $m$ of 7 × 7:\n\n$$\nM_{k} = m\n$$\n\n1. An item,\n\n   $$\n   k = 1\n   $$\n"
        "\n\n   $$\n   l = 2\n   $$\n\n   goes on here.\n2. Another.\n\n<https://a.org/1>\\\nSecond paper."
    )


def test_no_sign_of_a_method_is_left():
    """A sign that is new in a docstring is added to `plain_formulas.SIGNS`, if LaTeX has a command for it."""
    for method in tpv.saliency.METHODS.values():
        page = plain_formulas.in_markdown(sys.modules[method.__module__].__doc__)
        formulas = re.findall(r"(?<!\$)\$([^$\n]+)\$|\$\$\n(.*)\n *\$\$", page)
        assert formulas
        assert not re.findall(r"[^ -~α-ωΑ-Ω↑]", "".join(map("".join, formulas)))
