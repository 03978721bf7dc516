"""What is read in a notebook, piece by piece: found, translated, and put back between code and formulas.

`markdown` and `code` give a cell's source with each piece replaced by what `say(text, kind)` returns. A piece is one
line of text: a heading, a paragraph, a list item or a table row; in code a comment, a paragraph of a docstring, or a
string that is shown (printed, an assertion's message, a title). The kind "lookup" is a string that is not shown, but
must follow one that may be: `maps["1 size"]`.
"""

import ast
import inspect
import io
import re
import textwrap
import tokenize
from functools import partial

WIDTH = 88  # columns of code that JupyterLab shows
NOT_READ = re.compile(r"`[^`]*`|\]\([^)]*\)|https?://\S+|<[^>]*>|\$\$?[^$]*\$\$?")
WORD = re.compile(r"[^\W\d_]{2,}")
DECIMAL = re.compile(r"\d\.\d")
MARK = re.compile(r"(#+ |[-*] |\d{1,2}\. )?(.*)")
COMMENT = re.compile(r"((?:(?:[^#'\"]|'[^']*'|\"[^\"]*\")*\s)?# (?=\w)|.*)(.*)")  # a command, its comment
LABEL = re.compile(r"\\text\{[^}]*[a-z]{2}")  # words in a formula
FIELD = re.compile(r"\{\{|\}\}|\{(?:[^{}]|\{[^{}]*\})*\}")  # of an f-string
KEY = re.compile(r"""\[(['"])([^'"]+)\1\]""")
UNIT = re.compile(r"(?:\{(?:[^{}]|\{[^{}]*\})*\}|[^ ])+ *| +")  # a word and the spaces behind it; a field is not broken
SECTION = re.compile(r"(Args|Returns|Raises|Yields):$")
ITEM = re.compile(r" {4}\*{0,2}\w+(?:, \*{0,2}\w+)*: ")  # of a section
SHOW = {"print", "set_title", "set_xlabel", "set_ylabel", "suptitle", "text", "annotate", "display", "Markdown"}
SHOWN_AS = {"label", "title", "xlabel", "ylabel", "err_msg"}
PATTERNS = {"filterwarnings", "raises", "compile", "search", "match", "findall", "sub", "split"}


def markdown(source, say):
    """Return a markdown text with its pieces replaced. Formulas without words, badges and code stay, not its comments.

    The comments that are replaced are those of command lines, in a block whose language is not said.
    """
    blocks, fenced = [], ""  # [lines, indentation, mark, kind]; without a kind, lines that stay
    for line in source.split("\n"):
        text, indentation = line.strip(), line[: len(line) - len(line.lstrip())]
        before = blocks[-1][3] if blocks else ""
        if fenced or text.startswith("```"):
            code, comment = COMMENT.fullmatch(line).groups() if fenced == "```" else (line, "")
            if text.startswith("```"):
                fenced = "" if fenced else text
            blocks.append([[comment], "", code, "comment"] if comment else [[line], "", "", ""])
        elif before == "formula" and "$$" not in " ".join(blocks[-1][0])[2:]:
            blocks[-1][0].append(text)
        elif text.startswith("$$"):
            blocks.append([[text], indentation, "", "formula"])
        elif not text or text.startswith("[![") or set(text) <= set("|-: "):
            blocks.append([[line], "", "", ""])
        elif text.startswith("|") and text.endswith("|"):
            blocks.append([[text], indentation, "", "row"])
        elif re.match(r"</?(details|summary)", text):
            blocks.append([[text], indentation, "", "html"])
        else:
            mark, rest = MARK.fullmatch(text).groups()
            inside = before == "paragraph" and mark and mark[0].isdigit() and mark != "1. "  # a number that was wrapped
            if mark and not inside:
                blocks.append([[rest], indentation, mark, "heading" if mark[0] == "#" else "item"])
            elif before in ("paragraph", "item"):
                blocks[-1][0].append(text)
            else:
                blocks.append([[text], indentation, "", "paragraph"])
    return "\n".join(_block(*block, say) for block in blocks)


def _block(lines, indentation, mark, kind, say):
    text = " ".join(lines)
    has_decimals = bool(DECIMAL.search(NOT_READ.sub(" ", text)))  # other languages write them with a comma
    if LABEL.search(text) if kind == "formula" else kind and (has_words(text) or has_decimals):
        return indentation + mark + say(text, kind)
    return "\n".join((indentation if kind else "") + mark + line for line in lines)


def has_words(text):
    """Tell whether there is anything to translate in a text: words, besides code, formulas and addresses."""
    return bool(WORD.search(NOT_READ.sub(" ", text)) or LABEL.search(text))


def code(source, say):
    """Return a code cell with its pieces replaced, in lines of at most `WIDTH` columns where it can be done."""
    return _comments(_strings(source, say), say)


def skeleton(source):
    """Return what a translation leaves as it is: the syntax tree without the text of strings."""
    tree = ast.parse(source)
    nodes = list(ast.walk(tree))
    formats = {id(part) for node in nodes if isinstance(node, ast.FormattedValue) for part in _format(node)}
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in formats:
            node.value = ""
    for node in nodes:
        if isinstance(node, ast.JoinedStr) and id(node) not in formats:
            fields = [part for part in node.values if isinstance(part, ast.FormattedValue)]
            node.values = sorted(fields, key=ast.dump)
    return ast.dump(tree)


def _format(field):
    return ast.walk(field.format_spec) if field.format_spec else []


def _strings(source, say):
    found, edits = _shown(ast.parse(source)), []
    for node, kind in sorted(found, key=lambda pair: (pair[0].lineno, pair[0].col_offset)):
        start = _offset(source, node.lineno, node.col_offset)
        end = _offset(source, node.end_lineno, node.end_col_offset)
        literals, is_format = list(_literals(source[start:end])), isinstance(node, ast.JoinedStr)
        if kind == "docstring":
            column = start - source.rfind("\n", 0, start) - 1
            new = _docstring(inspect.cleandoc(node.value), source[start:end], column, say)
            edits.append((start, end, new, None))
            continue
        text = "".join(_text(literal, is_format) for literal in literals)
        new = FIELD.sub(partial(_follow, say=say), say(text, kind)) if is_format else say(text, kind)
        if new != text:
            edits.append((start, end, new, (is_format, literals[0].lstrip("f")[0])))
    for start, end, new, how in reversed(edits):
        if how:
            before, after = source[source.rfind("\n", 0, start) + 1 : start], source[end:].partition("\n")[0]
            new = _fit(new, how, before, re.sub(r"  #.*", "", after))
        source = source[:start] + new + source[end:]
    return source


def _follow(field, say):
    """Return a field in which the keys of what is looked up are those of the translation: {maps['1 size'].max()}."""
    return KEY.sub(lambda key: f"[{key[1]}{say(key[2], 'lookup')}{key[1]}]", field[0])


def _offset(source, line, column):
    """Return the place in `source` of a line and a column in bytes, as the syntax tree has them."""
    lines = source.split("\n")
    return _place(lines, line, len(lines[line - 1].encode()[:column].decode()))


def _place(lines, line, column):
    return sum(len(one) + 1 for one in lines[: line - 1]) + column


def _shown(node, parents=()):
    """Yield (node, kind) of the strings below a node that a reader sees, and of those that must follow them."""
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.JoinedStr) or (isinstance(child, ast.Constant) and isinstance(child.value, str)):
                if kind := _kind(child, [*parents, (node, name)]):
                    yield child, kind
            elif isinstance(child, ast.AST):
                yield from _shown(child, [*parents, (node, name)])


def _kind(node, parents):
    """Return what a string is for the reader: "docstring", "string", "lookup", or "" for what is not shown."""
    (parent, name), calls = parents[-1], [_called(one) for one, _ in parents if isinstance(one, ast.Call)]
    if isinstance(parent, ast.Expr):
        owner, _ = parents[-2]
        defines = isinstance(owner, ast.Module | ast.FunctionDef | ast.ClassDef) and owner.body[0] is parent
        return "docstring" if defines and isinstance(node, ast.Constant) else ""
    text = _without_fields(node)
    if not has_words(text) or "://" in text or " @ " in text or set(calls) & PATTERNS:
        return ""
    if " " in text.strip():
        return "string"
    titles = (ast.Dict, "keys"), (ast.DictComp, "key"), (ast.Assert, "msg")
    shown = any(isinstance(parent, kind) and name == field for kind, field in titles)
    shown = shown or (isinstance(parent, ast.Call) and name == "args" and _called(parent) in SHOW)
    shown = shown or (isinstance(parent, ast.keyword) and parent.arg in SHOWN_AS)
    shown = shown or (isinstance(parent, ast.Call) and _called(parent).endswith("Error"))
    if shown and "_" not in text:
        return "string"
    return "lookup" if isinstance(parent, ast.Subscript | ast.Compare | ast.Tuple | ast.List) else ""


def _called(call):
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def _without_fields(node):
    if isinstance(node, ast.Constant):
        return node.value
    return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)


def _literals(text):
    """Yield the literals that stand side by side in a string, as they are written."""
    text, begin, depth = f"({text})", None, 0
    lines = text.split("\n")
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        kind = tokenize.tok_name[token.type]
        depth += (kind == "FSTRING_START") - (kind == "FSTRING_END")  # since Python 3.12
        if kind == "FSTRING_START" and depth == 1:
            begin = _place(lines, *token.start)
        if kind == "STRING" and not depth:
            yield token.string
        elif kind == "FSTRING_END" and not depth:
            yield text[begin : _place(lines, *token.end)]


def _text(literal, is_format):
    """Return the text of a literal; fields stay as they are written, and in a string with fields a brace is doubled."""
    prefix, quote = re.match(r"(\w*)(\"\"\"|'''|\"|')", literal).groups()
    if set(prefix.lower()) - {"f"}:
        raise ValueError(f"strings to translate are plain or formatted, got {literal}")
    body = literal[len(prefix + quote) : -len(quote)]
    if not prefix:
        text = ast.literal_eval(literal)
        return text.replace("{", "{{").replace("}", "}}") if is_format else text
    parts, last = [], 0
    for field in FIELD.finditer(body):
        parts += [ast.literal_eval(quote + body[last : field.start()] + quote), field[0]]
        last = field.end()
    return "".join(parts) + ast.literal_eval(quote + body[last:] + quote)


def _fit(text, how, before, after):
    """Return a string as one literal where the line is wide enough, else as several, in brackets if need be."""
    if len(before + _literal(text, *how) + after) <= WIDTH:
        return _literal(text, *how)
    indentation = " " * (len(before) - len(before.lstrip()))
    if not before.strip():
        return f"\n{before}".join(_chunks(text, how, WIDTH - len(before) - len(after)))
    deeper = indentation + 4 * " "
    lines = "".join(f"\n{deeper}{chunk}" for chunk in _chunks(text, how, WIDTH - len(deeper)))
    alone = before.endswith(("(", "[")) and after.startswith((")", "]"))
    return f"{lines}\n{indentation}" if alone else f"({lines}\n{indentation})"


def _chunks(text, how, width):
    """Return the literals, each as wide as it may be, that make up a text."""
    chunks = []
    for unit in UNIT.findall(text):
        if chunks and len(_literal(chunks[-1] + unit, *how)) <= width:
            chunks[-1] += unit
        else:
            chunks.append(unit)
    return [_literal(chunk, *how) for chunk in chunks]


def _literal(text, is_format, quote):
    fields = [field for field in FIELD.findall(text) if len(field) > 2] if is_format else []
    if is_format and not fields:
        text = text.replace("{{", "{").replace("}}", "}")
    parts = re.split("(" + "|".join(map(re.escape, fields)) + ")", text) if fields else [text]
    for number in range(0, len(parts), 2):
        parts[number] = parts[number].replace("\\", "\\\\").replace("\n", "\\n").replace(quote, f"\\{quote}")
    return f"{'f' * bool(fields)}{quote}{''.join(parts)}{quote}"


def _docstring(text, source, column, say):
    """Return a docstring that begins at a column, with each of its paragraphs and items replaced."""
    pieces = []  # (indentation, indentation of the lines that follow, words), or a line that stays
    for line in text.split("\n"):
        indentation = len(line) - len(line.lstrip())
        before = pieces[-1] if pieces else ""
        if not line or SECTION.match(line):
            pieces.append(line)
        elif isinstance(before, str) or ITEM.match(line) or indentation < before[0]:
            pieces.append((indentation, indentation + 4 * bool(ITEM.match(line)), line.strip()))
        else:
            pieces[-1] = before[0], indentation, f"{before[2]} {line.strip()}"
    said = [piece if isinstance(piece, str) else (*piece[:2], say(piece[2], "docstring")) for piece in pieces]
    if said == pieces:
        return source
    if len(said) == 1 and column + 6 + len(said[0][2]) <= WIDTH:
        return f'"""{said[0][2]}"""'
    lines = []
    for piece in said:
        if isinstance(piece, str):
            lines.append(piece)
        else:
            first, later, words = piece
            room = WIDTH - column - 3 * (not lines)
            lines += _wrapped(words, room, " " * first, " " * later)
    return f"\n{' ' * column}".join(['"""' + lines[0], *lines[1:], '"""']).replace(" " * column + "\n", "\n")


def _wrapped(text, width, first, later):
    how = {"break_long_words": False, "break_on_hyphens": False}
    return textwrap.wrap(text, width, initial_indent=first, subsequent_indent=later, **how)


def _comments(source, say):
    lines, groups = source.split("\n"), []  # (first line, last line, column, text)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT or token.string.startswith("###"):
            continue
        (row, column), text = token.start, token.string.lstrip("# ")
        alone = not lines[row - 1][:column].strip()
        if alone and groups and groups[-1][1:4] == (row - 2, column, True):
            first, _, _, _, before = groups.pop()
            groups.append((first, row - 1, column, True, f"{before} {text}"))
        else:
            groups.append((row - 1, row - 1, column, alone, text))
    said = [say(group[-1], "comment") if has_words(group[-1]) else group[-1] for group in groups]
    for (first, last, column, alone, text), new in reversed(list(zip(groups, said, strict=True))):
        before = lines[first][:column]
        if new == text and len(lines[first]) <= WIDTH:
            continue
        if alone or len(before) + 2 + len(new) > WIDTH:
            mark = " " * (len(before) - len(before.lstrip()) if not alone else column) + "# "
            lines[first : last + 1] = _wrapped(new, WIDTH, mark, mark) + [before.rstrip()] * (not alone)
        else:
            lines[first] = f"{before}# {new}"
    return "\n".join(lines)
