"""Reads a tree of sources for tools/tidy: C is cut into functions by a small lexer.

The lexer blanks comments and the insides of strings, keeping every line where it is, so that a rule
can search code without meeting words in comments; `SourceFile.strings` holds what the strings said.
"""
import dataclasses
import functools
import os
import re
import subprocess

TEXT = (".c", ".h", ".sql", ".ts", ".tsx", ".py", ".md", ".mjs", ".js", ".json", ".sh", ".build",
        ".txt", ".css", ".html")
LEXEME = re.compile(
    r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL)


@dataclasses.dataclass
class Function:
    """One C function: where it is and what its head says."""

    name: str
    line: int
    lines: int
    params: int
    nesting: int
    body: str


class SourceFile:
    """One file, its text and, for C, its code without comments and strings."""

    def __init__(self, root, path):
        self.path = path
        self.folder = path.split("/")[1] if path.startswith("src/") and path.count("/") > 1 else ""
        with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
            self.text = file.read()
        self.lines = self.text.split("\n")

    @functools.cached_property
    def code(self):
        """The text with comments and string contents blanked, line by line as before."""
        return LEXEME.sub(blank, self.text)

    @functools.cached_property
    def strings(self):
        """(line, content) of each string literal outside comments; neighbours are joined."""
        found = []
        end = -1
        for match in LEXEME.finditer(self.text):
            if match.group().startswith('"'):
                if found and not self.text[end:match.start()].strip():
                    found[-1] = (found[-1][0], found[-1][1] + match.group()[1:-1])
                else:
                    found.append((self.line_of(match.start()), match.group()[1:-1]))
                end = match.end()
        return found

    def line_of(self, offset):
        """Line number, from 1, of an offset into the text."""
        return self.text.count("\n", 0, offset) + 1

    @functools.cached_property
    def functions(self):
        """Every function defined in this C file."""
        return list(functions_find(self))

    @functools.cached_property
    def outside(self):
        """The code outside function bodies: what is declared at file scope."""
        return "".join(char if depth == 0 or not in_body else ("\n" if char == "\n" else " ")
                       for char, depth, in_body in scopes(self.code))


def blank(match):
    """A comment becomes blanks; a string or character keeps its quotes only."""
    text = match.group()
    if text[0] == "/":
        return re.sub(r"[^\n]", " ", text)
    return text[0] + re.sub(r"[^\n]", " ", text[1:-1]) + text[0]


def directives_blank(code):
    """Code without preprocessor lines (continuations included)."""
    return re.sub(r"(?m)^[ \t]*#(?:[^\n\\]|\\\n|\\.)*", lambda m: re.sub(r"[^\n]", " ", m.group()),
                  code)


HEAD = re.compile(r"(\w+)\s*\(((?:[^(){};]|\([^(){};]*\))*)\)\s*(?:G_GNUC_\w+\s*(?:\([^()]*\)\s*)?)*$")
NOT_FUNCTIONS = {"if", "for", "while", "switch", "return", "sizeof", "foreach"}


def scopes(code):
    """Yields (character, brace depth before it, whether inside a function body)."""
    code = directives_blank(code)
    depth, body_depth, start = 0, None, 0
    for at, char in enumerate(code):
        if char == "{":
            if body_depth is None and HEAD.search(code[start:at]):
                body_depth = depth
            yield char, depth, body_depth is not None
            depth += 1
        elif char == "}":
            depth -= 1
            yield char, depth, body_depth is not None
            if body_depth is not None and depth == body_depth:
                body_depth = None
            if depth == 0:
                start = at + 1
        else:
            if char == ";" and depth == 0:
                start = at + 1
            yield char, depth, body_depth is not None


def functions_find(source):
    """Cuts code into functions by matching braces at file scope."""
    code = directives_blank(source.code)
    depth, start, head = 0, 0, None
    for at, char in enumerate(code):
        if char == "{":
            if depth == 0:
                head = (HEAD.search(code[start:at]), start, at)
            depth += 1
        elif char == "}":
            depth -= 1
            if depth == 0 and head and head[0] and head[0].group(1) not in NOT_FUNCTIONS:
                yield function_make(source, code, head, at)
            if depth == 0:
                start = at + 1
        elif char == ";" and depth == 0:
            start = at + 1


def function_make(source, code, head, end):
    """One Function from its head match and the offsets of its braces."""
    match, start, opened = head
    begin = start + len(code[start:opened]) - len(code[start:opened].lstrip())
    line = source.line_of(begin)
    body = code[opened:end + 1]
    return Function(match.group(1), line, source.line_of(end) - line + 1,
                    params_count(match.group(2)), nesting_of(body), body)


def params_count(text):
    """Number of parameters in the text between the parentheses."""
    text = re.sub(r"\([^()]*\)", "", text).strip()
    text = re.sub(r",\s*GError \*\*\w+$", "", text)  # the error is in every signature
    return 0 if text in ("", "void") else text.count(",") + 1


CONTROL = {"if", "for", "while", "switch"}


def nesting_of(body):
    """Deepest control nesting of a body: braces of control statements, not of initialisers."""
    deepest, braces, parens, last = 0, [], [], ";"
    for match in re.finditer(r"[{}()]|\w+|[^\s{}()]", body):
        text = match.group()
        if text == "(":
            parens.append(last in CONTROL)
        elif text == ")":
            text = "control)" if parens and parens.pop() else ")"
        elif text == "{":
            braces.append(len(braces) > 0 and last in ("control)", "else", "do"))
            deepest = max(deepest, sum(braces))
        elif text == "}":
            braces.pop()
        last = text
    return deepest


class Tree:
    """Every source file of a project, as git or, without git, the folder lists them."""

    def __init__(self, root):
        self.root = root
        self.files = [SourceFile(root, path) for path in sorted(paths_list(root))
                      if path.endswith(TEXT) or path == "dev"]

    def select(self, *endings, under="src/"):
        """Files below `under` with one of these endings."""
        return [file for file in self.files
                if file.path.startswith(under) and file.path.endswith(endings)]

    def exists(self, path):
        """Whether the tree has this path."""
        return os.path.exists(os.path.join(self.root, path))


def paths_list(root):
    """Paths of a tree that belong to the project."""
    if os.path.isdir(os.path.join(root, ".git")):
        out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=root, text=True,
                             capture_output=True, check=True).stdout
        return [path for path in out.splitlines() if os.path.isfile(os.path.join(root, path))]
    return [os.path.relpath(os.path.join(at, name), root)
            for at, _, names in os.walk(root) for name in names]
