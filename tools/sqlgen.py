#!/usr/bin/env python3
"""Turns x.sql (named statements) into x_sql.h (typed C calls), and migrations into a C table.

    sqlgen.py X.sql X_sql.h              the header of one folder's statements
    sqlgen.py --list OUT.c X.sql …       a C table of all statements (a test prepares each on both databases)
    sqlgen.py --json X.sql …             the same as JSON on stdout (tools/tidy reads it)
    sqlgen.py --migrations OUT.c M.sql … the migrations, translated and split into statements

A statement file:

    -- name: identity_find one           kinds: exec, one (first row), many (cursor)
    -- params: kind i64, value text      types: i64, f64, text, blob; `?` behind = may be null
    -- row: person_id i64, note text?    only for one and many
    SELECT … WHERE kind = :kind AND value = :value;
    -- postgres:                         optional: the text for PostgreSQL alone
    SELECT …;

Every mistake is an error with file:line: a parameter that is unknown, unused or has no type, words
outside the common dialect, two statements of one name. See src/store/README.md.
"""
import hashlib
import json
import os
import re
import sys

TYPES = {"i64": "i", "f64": "f", "text": "t", "blob": "b"}
C_TYPES = {"i": "int64_t", "f": "double", "t": "const char *", "b": "DbBytes",
           "I": "DbInt", "F": "DbFloat", "T": "const char *", "B": "DbBytes"}
SPECIAL = {"i": "i64", "f": "f64", "t": "text", "b": "blob",
           "I": "int", "F": "float", "T": "text", "B": "blob"}
KINDS = {"exec": "DB_EXEC", "one": "DB_ONE", "many": "DB_MANY"}
TOKEN = re.compile(r"""
    (?P<string>'(?:[^']|'')*')
  | (?P<quoted>"(?:[^"]|"")*")
  | (?P<comment>--[^\n]*|/\*.*?\*/)
  | (?P<cast>::)
  | (?P<param>:[A-Za-z_][A-Za-z_0-9]*)
  | (?P<word>[A-Za-z_][A-Za-z_0-9]*)
  | (?P<number>[0-9][0-9A-Za-z_.]*)
  | (?P<space>\s+)
  | (?P<other>.)
""", re.S | re.X)
PLACEHOLDER = re.compile(r"[?$][0-9]*")

# SQLite's words on the left become PostgreSQL's on the right.
WORDS = {"INTEGER": "BIGINT", "BLOB": "BYTEA", "REAL": "DOUBLE PRECISION"}

# Words that one of the two databases lacks or that break the rules of reference/citus.md.
FOREIGN = {
    "GREATEST": "write CASE", "LEAST": "write CASE", "LATERAL": "write a join",
    "ILIKE": "store the fold and compare it", "GLOB": "write LIKE", "REGEXP": "match in C",
    "ROLLUP": "write two statements",
    "NOW": "bind the time", "RANDOM": "bind the value", "CURRENT_TIMESTAMP": "bind the time",
    "CURRENT_DATE": "bind the date", "CURRENT_TIME": "bind the time", "DATETIME": "bind the time",
    "STRFTIME": "bind the time", "JULIANDAY": "bind the time", "IFNULL": "write COALESCE",
    "LAST_INSERT_ROWID": "make the id in C", "NEXTVAL": "make the id in C",
    "AUTOINCREMENT": "make the id in C", "SERIAL": "make the id in C", "UNSIGNED": "drop it",
}
# Of these only a call is meant; a column may bear the name.
CALLS = {"NOW", "RANDOM", "GREATEST", "LEAST", "DATETIME", "STRFTIME", "JULIANDAY", "IFNULL",
         "LAST_INSERT_ROWID", "NEXTVAL"}
PAIRS = [("INSERT", "OR", "write ON CONFLICT"), ("UPDATE", "OR", "write ON CONFLICT"),
         ("REPLACE", "INTO", "write ON CONFLICT"), ("DISTINCT", "ON", "write GROUP BY"),
         ("MERGE", "INTO", "write INSERT … ON CONFLICT"), ("SELECT", "*", "name the columns")]


class Mistake(Exception):
    """A fault in a .sql file, with its place."""

    def __init__(self, path, line, text):
        super().__init__(f"{path}:{line}: error: {text}")


class Statement:
    """One named statement of a file."""

    def __init__(self, path, line, name, kind):
        self.path, self.line, self.name, self.kind = path, line, name, kind
        self.params, self.row = [], []
        self.comment = []
        self.text, self.text_line = "", 0
        self.override, self.override_line = None, 0
        self.sqlite = self.postgres = ""

    @property
    def camel(self):
        return "".join(part.capitalize() for part in self.name.split("_"))

    @property
    def place(self):
        parts = os.path.abspath(self.path).split(os.sep)
        return f"{'/'.join(parts[-2:])}:{self.line}"


def tokens_of(path, line, text):
    """Yields (kind, text, line) of every token."""
    for match in TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "other" and match.group() in "'\"":
            raise Mistake(path, line, f"a quote {match.group()} is not closed")
        yield kind, match.group(), line
        line += match.group().count("\n")


def fields_parse(path, line, text, what):
    """Parses `a i64, b text?` into [(name, type letter)]."""
    fields = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        words = part.split()
        if len(words) != 2:
            raise Mistake(path, line, f"{what} '{part}': write a name and a type")
        name, kind = words
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise Mistake(path, line, f"{what} '{name}': only a-z, 0-9 and _")
        base = kind[:-1] if kind.endswith("?") else kind
        if base not in TYPES:
            raise Mistake(path, line, f"{what} '{name}': type '{kind}' is not one of {', '.join(TYPES)}")
        letter = TYPES[base]
        fields.append((name, letter.upper() if kind.endswith("?") else letter))
    return fields


def header_parse(path, line, text):
    words = text.split()
    if len(words) != 2:
        raise Mistake(path, line, "write '-- name: NAME exec|one|many'")
    name, kind = words
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
        raise Mistake(path, line, f"name '{name}': only a-z, 0-9 and _")
    if kind not in KINDS:
        raise Mistake(path, line, f"kind '{kind}' is not one of {', '.join(KINDS)}")
    return Statement(path, line, name, kind)


def line_take(statement, number, line):
    """Takes one line that stands under a `-- name:` line."""
    path = statement.path
    match = re.match(r"--\s*(params|row|postgres):\s*(.*?)\s*$", line)
    if match and match.group(1) == "postgres":
        if not statement.text.strip():
            raise Mistake(path, number, "'-- postgres:' stands under the common statement")
        if statement.override is not None:
            raise Mistake(path, number, f"statement '{statement.name}' has two '-- postgres:' texts")
        statement.override, statement.override_line = "", number + 1
        return
    if match:
        what = match.group(1)
        fields = fields_parse(path, number, match.group(2), what)
        (statement.params if what == "params" else statement.row).extend(fields)
        return
    if statement.override is not None:
        statement.override += line + "\n"
        return
    if not statement.text and line.startswith("--"):
        statement.comment.append(line.lstrip("- ").rstrip())
        return
    if not statement.text and not line.strip():
        return
    if not statement.text:
        statement.text_line = number
    statement.text += line + "\n"


def file_parse(path):
    """Reads one .sql file into its statements."""
    statements = []
    above = []
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    for number, line in enumerate(lines, 1):
        match = re.match(r"--\s*name:\s*(.*?)\s*$", line)
        if match:
            statements.append(header_parse(path, number, match.group(1)))
            statements[-1].comment = above
            above = []
        elif statements and text_ended(statements[-1]) and not line.startswith(("-- postgres:", "--postgres:")):
            if line.startswith("--"):
                above.append(line.lstrip("- ").rstrip())
            elif line.strip():
                raise Mistake(path, number, "text after the ';' needs a '-- name:' line of its own")
            else:
                above = []
        elif statements:
            line_take(statements[-1], number, line)
        elif line.strip() and not line.startswith("--"):
            raise Mistake(path, number, "text before the first '-- name:' line")
    return statements


def text_ended(statement):
    text = statement.text if statement.override is None else statement.override
    return text.rstrip().endswith(";")


def dialect_check(path, line, tokens):
    """Refuses what only one of the databases understands. `tokens`: without space and comments."""
    upper = [token.upper() for token in tokens]
    for word, following in zip(upper, upper[1:] + [""]):
        called = word not in CALLS or following == "("
        if word in FOREIGN and called:
            raise Mistake(path, line, f"'{word}' is outside the common dialect: {FOREIGN[word]}")
        for first, second, advice in PAIRS:
            if word == first and following == second:
                raise Mistake(path, line, f"'{first} {second}' is outside the common dialect: {advice}")


def text_numbered(statement, text, line, postgres, common):
    """Replaces :names by numbers, drops comments, folds space; checks parameters and dialect."""
    numbers = {name: index for index, (name, _) in enumerate(statement.params, 1)}
    used, words, out = set(), [], []
    for kind, token, at in tokens_of(statement.path, line, text):
        if kind == "param":
            name = token[1:]
            if name not in numbers:
                raise Mistake(statement.path, at, f"parameter ':{name}' is not in '-- params:'")
            used.add(name)
            out.append(("$" if postgres else "?") + str(numbers[name]))
        elif kind in ("space", "comment"):
            out.append(" ")
        elif kind == "cast" and common:
            raise Mistake(statement.path, at, "'::' is PostgreSQL's alone: write CAST(… AS …)")
        elif kind == "other" and token in "?$":
            raise Mistake(statement.path, at, f"'{token}': write parameters as :name")
        elif kind == "word":
            out.append(WORDS.get(token.upper(), token) if postgres and common else token)
        else:
            out.append(token)
        if kind not in ("space", "comment", "string", "quoted"):
            words.append(token)
    for name in numbers:
        if name not in used:
            raise Mistake(statement.path, statement.line, f"parameter '{name}' is never used")
    if common:
        dialect_check(statement.path, line, words)
    return re.sub(r"\s+", " ", "".join(out)).strip().rstrip(";").strip()


BULK = re.compile(r"(INSERT INTO \w+ \([\w, ]+\)) VALUES \(([^()]*)\)"
                  r"( ON CONFLICT(?: \([\w, ]+\))? DO NOTHING)?")
ARRAYS = {"i": "BIGINT[]", "f": "DOUBLE PRECISION[]", "t": "TEXT[]", "b": "BYTEA[]"}


def bulk_of(statement):
    """The same plain insert for many rows at once: of the rows that wait (SQLite, store/sqlite_bulk.h)
    and, its parameters arrays, for PostgreSQL; or None."""
    match = BULK.fullmatch(statement.postgres)
    if statement.kind != "exec" or not match or not statement.params or statement.override is not None:
        return None
    values = re.sub(r"\$([0-9]+)", r"u.p\1", match.group(2))
    conflict = match.group(3) or ""
    # SQLite needs the WHERE to tell this ON from that of a join.
    where = " WHERE true" if conflict else ""
    sqlite = f"{match.group(1)} SELECT {values} FROM kith_rows AS u{where}{conflict}"
    arrays = ", ".join(f"CAST(${index} AS {ARRAYS[letter.lower()]})"
                       for index, (_, letter) in enumerate(statement.params, 1))
    names = ", ".join(f"p{index}" for index in range(1, len(statement.params) + 1))
    return sqlite, f"{match.group(1)} SELECT {values} FROM unnest({arrays}) AS u ({names}){conflict}"


def statement_check(statement):
    """Checks one statement and makes its two texts."""
    path, line = statement.path, statement.line
    if not statement.text.strip():
        raise Mistake(path, line, f"statement '{statement.name}' has no text")
    if not statement.text.rstrip().endswith(";"):
        raise Mistake(path, line, f"statement '{statement.name}' does not end with ';'")
    if statement.kind == "exec" and statement.row:
        raise Mistake(path, line, f"statement '{statement.name}': exec has no '-- row:'")
    if statement.kind != "exec" and not statement.row:
        raise Mistake(path, line, f"statement '{statement.name}': {statement.kind} needs '-- row:'")
    for fields, what in ((statement.params, "parameter"), (statement.row, "column")):
        names = [name for name, _ in fields]
        for name in names:
            if names.count(name) > 1:
                raise Mistake(path, line, f"{what} '{name}' is named twice")
    if len(statement.params) > 64 or len(statement.row) > 64:
        raise Mistake(path, line, f"statement '{statement.name}': at most 64 parameters and columns")
    statement.sqlite = text_numbered(statement, statement.text, statement.text_line, False, True)
    if statement.override is None:
        statement.postgres = text_numbered(statement, statement.text, statement.text_line, True, True)
    else:
        statement.postgres = text_numbered(statement, statement.override, statement.override_line,
                                           True, False)
    for text in (statement.sqlite, statement.postgres):
        if any(kind == "other" and token == ";" for kind, token, _ in tokens_of(path, line, text)):
            raise Mistake(path, line, f"statement '{statement.name}' is more than one statement")


def files_parse(paths):
    statements = []
    seen = {}
    for path in paths:
        for statement in file_parse(path):
            statement_check(statement)
            if statement.name in seen:
                raise Mistake(path, statement.line,
                              f"name '{statement.name}' is taken by {seen[statement.name].place}")
            seen[statement.name] = statement
            statements.append(statement)
    return statements


def c_string(text):
    out = []
    for byte in text.encode("utf-8"):
        char = chr(byte)
        if char in '"\\':
            out.append("\\" + char)
        elif char == "\n":
            out.append("\\n")
        elif 32 <= byte < 127:
            out.append(char)
        else:
            out.append(f"\\{byte:03o}")
    return '"' + "".join(out) + '"'


def c_string_wrapped(text, indent):
    """A C string literal over several lines when it is long."""
    pieces, rest = [], text
    while len(rest) > 80:
        cut = rest.rfind(" ", 0, 80) + 1
        if cut < 20:
            cut = 80
        pieces.append(rest[:cut])
        rest = rest[cut:]
    pieces.append(rest)
    return ("\n" + " " * indent).join(c_string(piece) for piece in pieces)


WRITES = re.compile(r"(?:^|[( ])(?:INSERT INTO|DELETE FROM|(?<!DO )(?<!FOR )UPDATE) (\w+)")


def written_by(statement):
    """The table that a statement writes, or None."""
    tables = set(WRITES.findall(statement.sqlite)) | set(WRITES.findall(statement.postgres))
    if len(tables) > 1:
        raise Mistake(statement.path, statement.line,
                      f"statement '{statement.name}' writes more than one table")
    return tables.pop() if tables else None


def statement_c(statement):
    """The DbStatement initialiser."""
    params = "".join(letter for _, letter in statement.params)
    columns = "".join(letter for _, letter in statement.row)
    lines = ["{", f"    .name = {c_string(statement.name)},",
             f"    .place = {c_string(statement.place)},",
             f"    .kind = {KINDS[statement.kind]},",
             f"    .params = {c_string(params)},",
             f"    .names = {c_string(','.join(name for name, _ in statement.params))},",
             f"    .columns = {c_string(columns)},",
             "    .sql = {", f"        [DB_SQLITE] = {c_string_wrapped(statement.sqlite, 12)},",
             f"        [DB_POSTGRES] = {c_string_wrapped(statement.postgres, 12)},", "    },"]
    table = written_by(statement)
    if table:
        lines.append(f"    .writes = {c_string(table)},")
    bulk = bulk_of(statement)
    if bulk:
        lines += ["    .bulk = {", f"        [DB_SQLITE] = {c_string_wrapped(bulk[0], 12)},",
                  f"        [DB_POSTGRES] = {c_string_wrapped(bulk[1], 12)},", "    },"]
    lines.append("}")
    return "\n".join(lines)


def member(kind, name):
    c_type = C_TYPES[kind]
    return f"    {c_type}{'' if c_type.endswith('*') else ' '}{name};"


def struct_c(name, fields):
    lines = [f"typedef struct {name} {{"]
    lines += [member(letter, field) for field, letter in fields]
    return "\n".join(lines + [f"}} {name};", ""])


def values_c(statement):
    if not statement.params:
        return "", "NULL"
    lines = ["    const DbValue values[] = {"]
    for name, letter in statement.params:
        lines.append(f"        db_value_{SPECIAL[letter]}(params->{name}),")
    lines.append("    };\n")
    return "\n".join(lines), "values"


def row_c(statement, cursor):
    lines = []
    for index, (name, letter) in enumerate(statement.row):
        lines.append(f"    ret_row->{name} = db_cursor_{SPECIAL[letter]}({cursor}, {index});")
    return "\n".join(lines)


def calls_c(statement):
    """The static inline calls of one statement."""
    name, camel = statement.name, statement.camel
    params = f"const {camel}Params *params, " if statement.params else ""
    values, values_name = values_c(statement)
    text = f"&sql_{name}_statement"
    if statement.kind == "exec":
        return (f"static inline bool sql_{name}(Db *db, {params}int64_t *ret_changed, GError **error)\n"
                f"{{\n{values}    return db_exec(db, {text}, {values_name}, ret_changed, error);\n}}\n")
    if statement.kind == "one":
        return (f"static inline bool sql_{name}(Db *db, {params}{camel}Row *ret_row, bool *ret_found,\n"
                f"    GError **error)\n{{\n{values}    DbCursor cursor;\n"
                f"    if (!db_one(db, {text}, {values_name}, &cursor, error)) return false;\n"
                f"    *ret_found = cursor.row;\n    if (!cursor.row) return true;\n"
                f"{row_c(statement, '&cursor')}\n    return true;\n}}\n")
    return (f"static inline bool sql_{name}_open(Db *db, {params}DbCursor *ret_cursor, GError **error)\n"
            f"{{\n{values}    return db_open(db, {text}, {values_name}, ret_cursor, error);\n}}\n\n"
            f"static inline bool sql_{name}_next(DbCursor *cursor, {camel}Row *ret_row)\n{{\n"
            f"    if (!db_cursor_next(cursor)) return false;\n{row_c(statement, 'cursor')}\n"
            f"    return true;\n}}\n")


def header_c(path, statements):
    out = [f"/* Made from {os.path.basename(path)} by tools/sqlgen.py; do not edit. */", "#pragma once",
           '#include "store/db.h"', ""]
    for statement in statements:
        for line in statement.comment:
            out.append("// " + line)
        if statement.params:
            out.append(struct_c(statement.camel + "Params", statement.params))
        if statement.row:
            out.append(struct_c(statement.camel + "Row", statement.row))
        out.append(f"static const DbStatement sql_{statement.name}_statement = {statement_c(statement)};\n")
        out.append(calls_c(statement))
    return "\n".join(out)


def list_c(statements):
    out = ["/* Every statement of every folder, made by tools/sqlgen.py; do not edit. */",
           '#include "store/statements.h"', "", "const DbStatement sql_statements[] = {"]
    out += [statement_c(statement) + "," for statement in statements]
    out += ["};", f"const size_t sql_statement_count = {len(statements)};", ""]
    return "\n".join(out)


def list_json(statements):
    return json.dumps([{
        "name": statement.name, "kind": statement.kind, "file": statement.path,
        "line": statement.line, "params": statement.params, "row": statement.row,
        "sqlite": statement.sqlite, "postgres": statement.postgres,
    } for statement in statements], indent=1)


# ---- migrations ------------------------------------------------------------------------------

def ddl_translated(path, line, text):
    """SQLite's words of a migration in PostgreSQL's."""
    out = []
    tokens = list(tokens_of(path, line, text))
    index, before = 0, "("
    while index < len(tokens):
        kind, token, _ = tokens[index]
        upper = token.upper()
        if kind == "word" and upper == "WITHOUT" and any(
                t[1].upper() == "ROWID" for t in tokens[index + 1:index + 3]):
            while tokens[index][1].upper() != "ROWID":
                index += 1
        elif kind == "word" and upper == "STRICT":
            pass
        elif kind == "word" and upper == "TEXT" and before not in "(,":
            out.append('TEXT COLLATE "C"')  # both databases then compare bytes
        elif kind == "word":
            out.append(WORDS.get(upper, token))
        elif kind != "comment":
            out.append(token)
        if kind not in ("space", "comment"):
            before = token
        index += 1
    text = re.sub(r"\s+", " ", "".join(out)).strip()
    return re.sub(r"\)(\s*,)+\s*$", ")", text)  # the comma between WITHOUT ROWID and STRICT


def text_split(path, line, text):
    """Splits at every ';' that stands outside strings; gives (line, statement)."""
    current, start = "", line
    for kind, token, at in tokens_of(path, line, text):
        if kind == "other" and token == ";":
            if current.strip():
                yield start, current.strip()
            current = ""
            continue
        if kind == "comment":
            continue
        if not current.strip() and kind != "space":
            start = at
            current = ""
        current += token
    if current.strip():
        raise Mistake(path, start, "the last statement does not end with ';'")


def migration_parse(path):
    """Gives (number, name, checksum, steps); a step is (line, sqlite, postgres, repeat)."""
    match = re.fullmatch(r"([0-9]{4})_([a-z0-9_]+)\.sql", os.path.basename(path))
    if not match:
        raise Mistake(path, 1, "a migration is called 0001_name.sql")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    steps, section, repeat, block, start = [], "both", False, "", 1

    def block_end():
        for line, statement in text_split(path, start, block):
            folded = re.sub(r"\s+", " ", statement)
            sqlite = folded if section in ("both", "sqlite") else None
            postgres = ddl_translated(path, line, statement) if section == "both" else None
            postgres = folded if section == "postgres" else postgres
            if section == "both":
                dialect_check(path, line, [t for k, t, _ in tokens_of(path, line, statement)
                                           if k not in ("space", "comment", "string", "quoted")])
            steps.append((line, sqlite, postgres, repeat))

    for number, line in enumerate(text.split("\n"), 1):
        marker = re.match(r"--\s*(sqlite|postgres|both|repeat|once):\s*$", line)
        if not marker:
            block += line + "\n"
            continue
        block_end()
        block, start = "", number + 1
        if marker.group(1) in ("repeat", "once"):
            repeat = marker.group(1) == "repeat"
        else:
            section = marker.group(1)
    block_end()
    checksum = hashlib.sha256(text.encode("utf-8")).hexdigest()
    return int(match.group(1)), match.group(2), checksum, steps


def migrations_c(paths):
    out = ["/* The migrations, made by tools/sqlgen.py; do not edit. */", '#include "store/migrate.h"', ""]
    migrations = sorted(migration_parse(path) + (path,) for path in paths)
    for index, (number, _, _, steps, path) in enumerate(migrations, 1):
        if number != index:
            raise Mistake(path, 1, f"migration {index:04d} is missing: numbers have no gaps")
        out.append(f"static const MigrationStep steps_{number}[] = {{")
        for line, sqlite, postgres, repeat in steps:
            texts = [c_string_wrapped(text, 8) if text else "NULL" for text in (sqlite, postgres)]
            place = c_string(f"migrations/{os.path.basename(path)}:{line}")
            out.append(f"    {{.repeat = {'true' if repeat else 'false'}, .statement = {{\n"
                       f"        .name = \"migration\", .place = {place},\n"
                       f"        .kind = DB_EXEC, .params = \"\", .columns = \"\", .sql = {{\n        "
                       f"{texts[0]},\n        {texts[1]}}}}}}},")
        out.append("};\n")
    out.append("const Migration migrations[] = {")
    for number, name, checksum, steps, _ in migrations:
        out.append(f"    {{.version = {number}, .name = {c_string(name)},\n"
                   f"     .checksum = {c_string(checksum)},\n"
                   f"     .steps = steps_{number}, .step_count = {len(steps)}}},")
    out += ["};", f"const size_t migration_count = {len(migrations)};", ""]
    return "\n".join(out)


def file_write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def main(arguments):
    try:
        if arguments[:1] == ["--list"] and len(arguments) >= 2:
            file_write(arguments[1], list_c(files_parse(arguments[2:])))
        elif arguments[:1] == ["--json"]:
            print(list_json(files_parse(arguments[1:])))
        elif arguments[:1] == ["--migrations"] and len(arguments) >= 3:
            file_write(arguments[1], migrations_c(arguments[2:]))
        elif len(arguments) == 2 and not arguments[0].startswith("-"):
            file_write(arguments[1], header_c(arguments[0], files_parse(arguments[:1])))
        else:
            print(__doc__, file=sys.stderr)
            return 2
    except (Mistake, OSError, UnicodeDecodeError) as mistake:
        print(mistake, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
