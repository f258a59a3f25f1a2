"""The rules of tools/tidy. Each is a function from a Tree to breaches; RULES names them."""
import dataclasses
import os
import re

LINES_MAX = {".c": 800, ".h": 200, ".ts": 250, ".tsx": 250, ".py": 600}
COLUMNS_MAX = 100
FUNCTION_LINES_MAX = 70
NESTING_MAX = 4
PARAMS_MAX = 5

# Folders in the order the data moves (DESIGN.md section 3). A product folder reads to its left.
PRODUCT = ["people", "timeline", "segments", "messages", "delivery", "journeys", "loyalty",
           "referrals", "listening", "service", "community", "measure"]
GROUND = ["base", "columns", "liquid", "store", "net"]
MAY_INCLUDE = {
    "base": set(), "columns": {"base"}, "liquid": {"base"}, "store": {"base"},
    "net": {"base", "store"}, "admin": {*GROUND, *PRODUCT}, "app": {*GROUND, *PRODUCT, "admin"},
    **{name: {*GROUND, *PRODUCT[:at]} for at, name in enumerate(PRODUCT)},
}

# A callback whose parameters a library fixes shows it by a type of that library in its head.
FIXED_NAMES = re.compile(r"\bstruct MHD_Connection \*|\bsqlite3_(?:context|vtab) \*")

BANNED = {
    r"(?:strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|atoll|atof|localtime|gmtime|"
    r"asctime|ctime|rand|srand|tmpnam|mktemp|system|popen|alloca)":
        ("", "unsafe, or depends on the locale or time zone of the process"),
    r"(?:g_str_hash|g_str_equal_hash)": ("base", "unkeyed: strangers choose keys; see base/keyed"),
    r"(?:g_intern_(?:static_)?string|g_quark_from_string)": ("base", "never freed"),
    r"g_regex_\w+": ("base", "backtracks"),
    r"g_time_zone_new\w*": ("base", "opens files by name; see base/zones"),
    r"(?:g_get_real_time|time|gettimeofday|clock_gettime|g_date_time_new_now\w*)":
        ("base", "reads the wall clock; see base/clock"),
    r"(?:sqlite3_\w+|PQ\w+)": ("store", "only store/ names a database driver"),
}

SQL = re.compile(r"^\s*(?:SELECT\s.+\sFROM\s|SELECT\s+\w+\(|INSERT\s+INTO\s|UPDATE\s+\w+\s+SET\s|"
                 r"DELETE\s+FROM\s|CREATE\s+(?:TABLE|INDEX|UNIQUE)|DROP\s+TABLE|ALTER\s+TABLE|"
                 r"PRAGMA\s|WITH\s+\w+\s+AS\s*\()", re.DOTALL)

UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b|(?i:\bnot (?:yet )?implemented\b|"
                        r"\bfor now\b|\bstub(?:bed|s)?\b)")
MACHINE = re.compile(r"/work/(?:shared|main|h|brief)\b|\bregistry=https?:|\"resolved\"\s*:", re.I)


@dataclasses.dataclass
class Breach:
    """One broken rule at one place."""

    path: str
    line: int
    what: str


def include_graph(tree):
    """A folder includes base, the engines, store, net and product folders to its left."""
    for file in tree.select(".c", ".h"):
        if file.folder not in MAY_INCLUDE:
            if file.folder:
                yield Breach(file.path, 1, f"folder \"{file.folder}\" is not in DESIGN.md section 3")
            continue
        for line, text in enumerate(file.lines, 1):
            match = re.match(r'\s*#\s*include\s+"([^"]+)"', text)
            if match:
                yield from include_check(file, line, match.group(1))


def include_check(file, line, included):
    """One `#include "…"` line."""
    folder = included.split("/")[0]
    if "/" not in included:
        yield Breach(file.path, line, f"\"{included}\": write the folder too")
    elif folder == file.folder:
        return
    elif folder not in MAY_INCLUDE[file.folder]:
        yield Breach(file.path, line, f"{file.folder} may not include \"{included}\"")
    elif included.endswith("_sql.h"):
        yield Breach(file.path, line, f"\"{included}\": the statements of {folder} are its own")


def file_length(tree):
    """Files stay short enough to read."""
    for file in tree.files:
        limit = LINES_MAX.get(os.path.splitext(file.path)[1])
        if "/generated/" in file.path or "/i18n/" in file.path:  # written by a tool; a table of texts
            continue
        if limit and len(file.lines) - 1 > limit:
            yield Breach(file.path, limit, f"{len(file.lines) - 1} lines, at most {limit}")


def line_width(tree):
    """C lines have at most 100 columns."""
    for file in tree.select(".c", ".h", under=""):
        for number, line in enumerate(file.lines, 1):
            if len(line) > COLUMNS_MAX:
                yield Breach(file.path, number, f"{len(line)} columns, at most {COLUMNS_MAX}")


def function_shape(tree, value, limit, what):
    """Shared by the three rules below: a figure of each function against its limit."""
    for file in tree.select(".c", ".h", under=""):
        for function in file.functions:
            if value(function) > limit:
                yield file, function, f"{function.name}: {value(function)} {what}, at most {limit}"


def function_length(tree):
    """One screen, one thought."""
    for file, function, what in function_shape(tree, lambda f: f.lines, FUNCTION_LINES_MAX, "lines"):
        yield Breach(file.path, function.line, what)


def function_nesting(tree):
    """Control flow is flat."""
    for file, function, what in function_shape(tree, lambda f: f.nesting, NESTING_MAX, "levels"):
        yield Breach(file.path, function.line, what)


def function_params(tree):
    """Few parameters; then an options struct. Callbacks of a library keep its signature."""
    for file, function, what in function_shape(tree, lambda f: f.params, PARAMS_MAX, "parameters"):
        head = "\n".join(file.lines[function.line - 1:function.line + 6])
        if not FIXED_NAMES.search(head):
            yield Breach(file.path, function.line, what)


def banned_calls(tree):
    """Calls that are unsafe, or that only one folder may make."""
    for file in tree.select(".c", ".h"):
        for pattern, (home, why) in BANNED.items():
            if home and file.folder == home:
                continue
            for match in re.finditer(rf"(?<![\w.>])({pattern})\s*\(", file.code):
                if not home and file.path == "src/base/banned.h":
                    continue
                yield Breach(file.path, file.line_of(match.start()), f"{match.group(1)}: {why}")
        for match in re.finditer(r"(?<!\w)(g_str_hash|sqlite3\.h|libpq-fe\.h)(?!\w)", file.code):
            home = "base" if match.group(1) == "g_str_hash" else "store"
            if file.folder != home and not file.path.endswith("_test.c"):
                yield Breach(file.path, file.line_of(match.start()), f"{match.group(1)}: banned here")


def sql_in_code(tree):
    """SQL lives in .sql files; drivers in store/ and tests may speak it."""
    for file in tree.select(".c", ".h"):
        if file.folder == "store" or file.path.endswith("_test.c"):
            continue
        for line, text in file.strings:
            if SQL.match(text):
                yield Breach(file.path, line, f"SQL outside a .sql file: \"{text[:40]}\"")


DECLARATION = re.compile(r"(?m)^(?!typedef|extern|enum|struct \w+;|union|return|G_)"
                         r"((?:static\s+|const\s+|unsigned\s+|struct\s+|_Atomic\s+)*\w+[\s*]+"
                         r"(?:const\s+)?(?:\*\s*(?:const\s+)?)*)(\w+)\s*((?:\[[^\]]*\])*)\s*(?:=|;)")


# What one process can only have once, and why.
ONCE = {
    ("src/base/clock.c", "simulated_ms"): "the simulated clock, which every thread reads",
    ("src/base/zones.c", "utc"): "the list of zones, made once and never changed",
    ("src/base/zones.c", "load_lock"): "guards the making of that list",
    ("src/base/zones.c", "shared"): "that list",
    ("src/net/ui.c", "once"): "whether GLib has the files of the user interface",
}


def mutable_state(tree):
    """No global state: what is declared at file scope, or static in a function, is const."""
    for file in tree.select(".c"):
        if file.path.endswith(("_test.c", "_fuzz.c", "_bench.c")):
            continue
        for match in DECLARATION.finditer(file.outside):
            if not is_const(match.group(1)) and (file.path, match.group(2)) not in ONCE:
                yield Breach(file.path, file.line_of(match.start()),
                             f"{match.group(2)}: file-scope variable is not const")
        for function in file.functions:
            for match in re.finditer(r"\bstatic\s+([^;={]*?)(\w+)\s*((?:\[[^\]]*\])*)\s*[=;]",
                                     function.body):
                if not is_const(match.group(1)) and (file.path, match.group(2)) not in ONCE:
                    yield Breach(file.path, function.line,
                                 f"{match.group(2)}: static variable in {function.name} is not const")


def is_const(declared):
    """Whether a declared type cannot change: of a pointer, the pointer itself must be const."""
    pointer = declared.rstrip().rpartition("*")
    return "const" in pointer[2].split() if pointer[1] else "const" in declared.split()


ROUTE = re.compile(r'"(GET|POST|PUT|PATCH|DELETE)"\s*,\s*(?:\.path\s*=\s*)?"(/[^"]*)"')


def routes_tested(tree):
    """Every route is called by some test."""
    tests = "\n".join(file.text for file in tree.files
                      if file.path.endswith("_test.c") or file.path.startswith("tests/"))
    for file in tree.select(".c"):
        if file.path.endswith(("_test.c", "_fuzz.c", "_bench.c")):
            continue
        for match in ROUTE.finditer(file.text):
            pieces = re.split(r"\{\w+\}", match.group(2))
            pattern = r"[^\"'`/?\s]+".join(re.escape(piece) for piece in pieces)
            if not re.search(pattern + r"(?=[\"'`?\s])", tests):
                yield Breach(file.path, file.line_of(match.start()),
                             f"no test calls {match.group(1)} {match.group(2)}")


def personal_listed(tree):
    """A column marked `-- personal` in a migration stands in a personal-columns table in code."""
    listed = {pair for file in tree.select(".c") for pair in personal_pairs(file.text)}
    for file in tree.select(".sql", under="migrations/"):
        table = ""
        for number, line in enumerate(file.lines, 1):
            opened = re.match(r"\s*CREATE TABLE (?:IF NOT EXISTS )?(\w+)|\s*ALTER TABLE (\w+)", line)
            if opened:
                table = opened.group(1) or opened.group(2)
            column = re.match(r"\s*(?:ALTER TABLE \w+ ADD COLUMN )?(\w+)\s.*?--\s*personal\b", line)
            if column and (table, column.group(1)) not in listed:
                yield Breach(file.path, number, f"{table}.{column.group(1)} is not in any table of "
                                                "personal columns")


def personal_pairs(text):
    """(table, column) of every PersonalTable (people/personal.h) in one C file, in both ways to
    write one: positional with COLUMNS(…), or with designators and a named array."""
    entry = re.compile(r'\{"(\w+)",\s*(?:NULL|"\w+"),\s*"\w+",\s*COLUMNS\((.*?)\),\s*\w+,', re.DOTALL)
    for table, columns in entry.findall(text):
        for column in re.findall(r'\{"(\w+)",', columns):
            yield table, column
    arrays = {name: re.findall(r'\{\s*(?:\.column\s*=\s*)?"(\w+)"', body) for name, body in
              re.findall(r"PersonalColumn\s+(\w+)\[\]\s*=\s*\{(.*?)\};", text, re.DOTALL)}
    for table, body in re.findall(r'\.table\s*=\s*"(\w+)"((?:(?!\.table\b).)*)', text, re.DOTALL):
        columns = re.search(r"\.columns\s*=\s*(\w+)", body)
        for column in arrays.get(columns.group(1), []) if columns else []:
            yield table, column


def migrations_built(tree):
    """A migration that the build does not know of never runs."""
    built = "".join(file.text for file in tree.files if file.path.endswith("meson.build"))
    for file in tree.select(".sql", under="migrations/"):
        if file.path not in built:
            yield Breach(file.path, 1, "is not in src/store/meson.build: it would never run")


def header_essay(tree):
    """A header opens with its own name and what it is for."""
    for file in tree.select(".h"):
        name = file.path[len("src/"):]
        if not file.text.startswith(f"/* {name}: "):
            yield Breach(file.path, 1, f"begins with \"/* {name}: …\" and says what it is for")
        if "#pragma once" not in file.text:
            yield Breach(file.path, 1, "has no #pragma once")


def folder_readme(tree):
    """Every folder of src explains itself."""
    for folder in sorted({file.folder for file in tree.select(".c", ".h") if file.folder}):
        if not tree.exists(f"src/{folder}/README.md"):
            yield Breach(f"src/{folder}", 1, "has no README.md")


def unfinished(tree):
    """Nothing in the product says that it is not done."""
    for file in tree.files:
        if file.path.startswith(("tools/tidy", "docs/", "web/node_modules")) or \
                file.path.endswith((".md", ".json", ".txt", ".html")):
            continue
        for number, line in enumerate(file.lines, 1):
            match = UNFINISHED.search(line)
            if match:
                yield Breach(file.path, number, f"says \"{match.group()}\"")


def machine_paths(tree):
    """No path or registry of one developer's machine."""
    for file in tree.files:
        if file.path.startswith("tools/tidy"):
            continue
        for number, line in enumerate(file.lines, 1):
            match = MACHINE.search(line)
            if match:
                yield Breach(file.path, number, f"says \"{match.group()}\"")


WEB_ORDER = ["generated", "lib", "ui", "features", "app"]


def web_imports(tree):
    """web/src: app → features → ui, lib → generated; no feature imports another."""
    for file in tree.select(".ts", ".tsx", under="web/src/"):
        parts = file.path.split("/")[2:]
        if parts[0] not in WEB_ORDER:
            continue
        for number, line in enumerate(file.lines, 1):
            match = re.search(r"(?:from|import)\s*\(?['\"]([@.][^'\"]*)['\"]", line)
            target = web_target(file.path, match.group(1)) if match else None
            if target and not web_may(parts, target):
                yield Breach(file.path, number, f"may not import \"{match.group(1)}\"")


def web_target(path, name):
    """Path parts below web/src of an import, or None for a package."""
    if name.startswith("@/"):
        return name[2:].split("/")
    if not name.startswith("."):
        return None
    full = os.path.normpath(os.path.join(os.path.dirname(path), name))
    return full.split("/")[2:] if full.startswith("web/src/") else None


def web_may(parts, target):
    """Whether a file at `parts` may import `target`."""
    if target[0] not in WEB_ORDER:
        return True
    mine, theirs = WEB_ORDER.index(parts[0]), WEB_ORDER.index(target[0])
    if parts[0] == target[0] == "features":
        return len(target) < 2 or len(parts) < 2 or parts[1] == target[1]
    return theirs <= mine


RULES = {
    "include graph": include_graph,
    "file length": file_length,
    "line width": line_width,
    "function length": function_length,
    "nesting": function_nesting,
    "parameters": function_params,
    "banned calls": banned_calls,
    "SQL outside .sql": sql_in_code,
    "global mutable state": mutable_state,
    "routes without tests": routes_tested,
    "unlisted personal columns": personal_listed,
    "unbuilt migrations": migrations_built,
    "header essays": header_essay,
    "folder READMEs": folder_readme,
    "unfinished words": unfinished,
    "machine paths": machine_paths,
    "web imports": web_imports,
}
