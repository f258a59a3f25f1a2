#!/usr/bin/env python3
"""Tests tools/sqlgen.py: what is wrong is refused with its line, what is right becomes both dialects."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import sqlgen  # noqa: E402

GOOD = """-- What is written above a statement becomes its comment.
-- name: person_find one
-- params: id i64, name text?
-- row: id i64, at i64?, score f64, data blob?
SELECT id, at, CAST(score AS REAL), data FROM person
WHERE id = :id AND (name = :name OR 'a :name; -- b' = :name);
"""
HEAD = "-- name: x one\n-- params: a i64\n-- row: b i64\n"

# why, text, words of the error with its line (None = accepted)
STATEMENTS = [
    ("all as it should be", GOOD, None),
    ("unknown parameter", HEAD + "SELECT b FROM t\nWHERE a = :a AND c = :c;\n", ":5: error: parameter ':c'"),
    ("unused parameter", HEAD + "SELECT b FROM t;\n", ":1: error: parameter 'a' is never used"),
    ("unused in the override", HEAD + "SELECT b FROM t WHERE a = :a;\n-- postgres:\nSELECT b FROM t;\n",
     ":1: error: parameter 'a' is never used"),
    ("no type", "-- name: x exec\n-- params: a\nDELETE FROM t WHERE a = :a;\n", ":2: error: params 'a'"),
    ("unknown type", "-- name: x exec\n-- params: a int\nDELETE FROM t WHERE a = :a;\n",
     ":2: error: params 'a': type 'int'"),
    ("unknown kind", "-- name: x some\nDELETE FROM t;\n", ":1: error: kind 'some'"),
    ("bad name", "-- name: X exec\nDELETE FROM t;\n", ":1: error: name 'X'"),
    ("a name twice", "-- name: x exec\nDELETE FROM t;\n-- name: x exec\nDELETE FROM u;\n", ":3: error: name 'x'"),
    ("a parameter twice", "-- name: x exec\n-- params: a i64, a i64\nDELETE FROM t WHERE a = :a;\n",
     ":1: error: parameter 'a' is named twice"),
    ("exec with a row", "-- name: x exec\n-- row: a i64\nDELETE FROM t;\n", "exec has no '-- row:'"),
    ("one without a row", "-- name: x one\nSELECT a FROM t;\n", "one needs '-- row:'"),
    ("no end", "-- name: x exec\nDELETE FROM t\n", "does not end with ';'"),
    ("no text", "-- name: x exec\n", "has no text"),
    ("two statements", "-- name: x exec\nDELETE FROM t; DELETE FROM u;\n", "more than one statement"),
    ("text outside", "DELETE FROM t;\n", ":1: error: text before"),
    ("text behind", "-- name: x exec\nDELETE FROM t;\nDELETE FROM u;\n", ":3: error: text after"),
    ("an open quote", "-- name: x exec\nDELETE FROM t WHERE a = 'b;\n", "not closed"),
    ("a bare placeholder", "-- name: x exec\nDELETE FROM t WHERE a = ?;\n", "write parameters as :name"),
    ("a cast of PostgreSQL's", "-- name: x one\n-- row: a i64\nSELECT a::bigint FROM t;\n", ":3: error: '::'"),
    ("… in its own text", "-- name: x one\n-- row: a i64\nSELECT a FROM t;\n-- postgres:\nSELECT a::bigint FROM t;\n",
     None),
    ("an insert of SQLite's", "-- name: x exec\nINSERT OR IGNORE INTO t VALUES (1);\n", "write ON CONFLICT"),
    ("all columns", "-- name: x one\n-- row: a i64\nSELECT * FROM t;\n", "name the columns"),
    ("the database's clock", "-- name: x exec\nUPDATE t SET at = now();\n", "bind the time"),
    ("a column called so", "-- name: x exec\nUPDATE t SET now = 1;\n", None),
    ("no counting", "-- name: x one\n-- row: a i64\nSELECT COUNT(*) FROM t;\n", None),
]

# why, file name, text, SQLite's statements, PostgreSQL's statements (or the words of an error)
MIGRATIONS = [
    ("types", "0001_a.sql", "CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB, c REAL, d TEXT) WITHOUT ROWID;",
     ["CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB, c REAL, d TEXT) WITHOUT ROWID"],
     ['CREATE TABLE t (a BIGINT PRIMARY KEY, b BYTEA, c DOUBLE PRECISION, d TEXT COLLATE "C")']),
    ("strict", "0001_a.sql", "CREATE TABLE t (a INTEGER) WITHOUT ROWID, STRICT;",
     ["CREATE TABLE t (a INTEGER) WITHOUT ROWID, STRICT"], ["CREATE TABLE t (a BIGINT)"]),
    ("a column called text", "0001_a.sql", "CREATE TABLE t (text TEXT, b TEXT);",
     ["CREATE TABLE t (text TEXT, b TEXT)"], ['CREATE TABLE t (text TEXT COLLATE "C", b TEXT COLLATE "C")']),
    ("sections", "0001_a.sql", "-- sqlite:\nA;\n-- postgres:\nB;\nC;\n-- both:\nDROP TABLE d; -- it's; gone\n",
     ["A", None, None, "DROP TABLE d"], [None, "B", "C", "DROP TABLE d"]),
    ("repeated", "0001_a.sql", "-- repeat:\nUPDATE t SET a = 1;\n-- once:\nDROP TABLE u;\n",
     ["UPDATE t SET a = 1 (repeat)", "DROP TABLE u"], ["UPDATE t SET a = 1 (repeat)", "DROP TABLE u"]),
    ("no end", "0001_a.sql", "DROP TABLE t", None, "does not end with ';'"),
    ("a bad name", "1_a.sql", "DROP TABLE t;", None, "a migration is called"),
]


def with_file(name, text, run):
    """Runs `run` on a file; gives (result, None) or (None, the error's text)."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        try:
            return run(path), None
        except sqlgen.Mistake as mistake:
            return None, str(mistake)


def statement_case(text, want):
    """Whether a statement file is accepted or refused as wanted."""
    _, error = with_file("x.sql", text, lambda path: sqlgen.header_c(path, sqlgen.files_parse([path])))
    return (error is None) if want is None else (error is not None and want in error)


def migration_case(name, text, sqlite, postgres):
    """Whether a migration becomes the wanted steps."""
    found, error = with_file(name, text, sqlgen.migration_parse)
    if sqlite is None:
        return error is not None and postgres in error
    steps = found[3] if found else []
    mark = [" (repeat)" if repeat else "" for _, _, _, repeat in steps]
    return ([one and one + m for (_, one, _, _), m in zip(steps, mark)] == sqlite and
            [two and two + m for (_, _, two, _), m in zip(steps, mark)] == postgres)


def texts_case():
    """Numbers, quotes and types in the two texts of a good statement."""
    statements, _ = with_file("x.sql", GOOD, lambda path: sqlgen.files_parse([path]))
    return (statements[0].sqlite.endswith("WHERE id = ?1 AND (name = ?2 OR 'a :name; -- b' = ?2)") and
            "CAST(score AS DOUBLE PRECISION)" in statements[0].postgres and "$2" in statements[0].postgres)


def bulk_case():
    """Only plain inserts are gathered."""
    text = ("-- name: a exec\n-- params: x i64, y text?\nINSERT INTO t (x, z, y) VALUES (:x, 0, :y);\n"
            "-- name: b exec\n-- params: x i64\nINSERT INTO t (x) VALUES (:x) ON CONFLICT DO NOTHING;\n"
            "-- name: c exec\n-- params: x i64\nINSERT INTO t (x) VALUES (:x) ON CONFLICT (x) DO UPDATE SET x = 1;\n"
            "-- name: d exec\n-- params: x i64\nUPDATE t SET x = :x;\n"
            "-- name: e exec\n-- params: x i64\nINSERT INTO t (x) VALUES (:x) ON CONFLICT (x) DO NOTHING;\n")
    statements, _ = with_file("x.sql", text, lambda path: sqlgen.files_parse([path]))
    forms = [sqlgen.bulk_of(statement) for statement in statements]
    rows = "INSERT INTO t (x, z, y) SELECT u.p1, 0, u.p2 FROM "
    return (forms[2:4] == [None, None] and forms[4][0].endswith("WHERE true ON CONFLICT (x) DO NOTHING") and all(form.endswith("ON CONFLICT DO NOTHING") for form in forms[1]) and
            forms[0] == (rows + "kith_rows AS u", rows +
                         "unnest(CAST($1 AS BIGINT[]), CAST($2 AS TEXT[])) AS u (p1, p2)") and
            forms[1][0] == "INSERT INTO t (x) SELECT u.p1 FROM kith_rows AS u WHERE true ON CONFLICT DO NOTHING")


def main():
    """Runs the tables; prints TAP."""
    results = [(why, statement_case(text, want)) for why, text, want in STATEMENTS]
    results += [("migration: " + why, migration_case(*rest)) for why, *rest in MIGRATIONS]
    results += [("both texts", texts_case()), ("inserts of many rows", bulk_case())]
    for number, (why, good) in enumerate(results, 1):
        print(f"{'ok' if good else 'not ok'} {number} {why}")
    print(f"1..{len(results)}")
    return 0 if all(good for _, good in results) else 1


if __name__ == "__main__":
    sys.exit(main())
