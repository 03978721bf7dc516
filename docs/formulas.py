"""Formulas as MathML, which browsers draw by themselves: no script, no network. The font that they want comes along."""

import re

from docutils import nodes
from latex2mathml.converter import convert

NAME = "mathml"
FONT = "STIXTwoMath-Regular.ttf"  # from ziamath; SIL Open Font License


def setup(app):
    """Let Sphinx know the renderer; `html_math_renderer = "mathml"` chooses it."""
    app.add_html_math_renderer(NAME, inline_renderers=(_inline, None), block_renderers=(_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def mathml(latex, display="inline"):
    """Return a formula of LaTeX as MathML; `display` is "inline" or "block"."""
    return convert(re.sub(r"\\arg(?![a-zA-Z])", r"\\operatorname{arg}\\,", latex), display=display)


def _inline(translator, node):
    translator.body.append(mathml(node.astext()))
    raise nodes.SkipNode


def _block(translator, node):
    latex = node.astext()
    side_by_side = [latex] if r"\begin" in latex else re.split(r"\\qquad(?![^{]*})", latex)  # a phone has no such side
    parts = "".join(mathml(part.strip(), "block") for part in side_by_side)
    translator.body.append(f'<div class="formula">{parts}</div>\n')
    raise nodes.SkipNode
