#!/usr/bin/env python3
"""Tests tools/tidy: each rule catches what is planted for it, and lets the lawful twin pass."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tidy_rules  # noqa: E402
import tidy_source  # noqa: E402

H = "/* net/a.h: what it is for. */\n#pragma once\n"
LONG_BODY = "void f(void)\n{\n" + "    g();\n" * 69 + "}\n"
FULL_BODY = "void f(void)\n{\n" + "    g();\n" * 67 + "}\n"
DEEP = ("void f(int a)\n{\n    if (a) {\n        for (;;) {\n            while (a) {\n"
        "                if (a) {\n                    do {\n                    } while (a);\n"
        "                }\n            }\n        }\n    }\n}\n")
SHALLOW = ("void f(int a)\n{\n    static const int t[2][2] = {{1, 2}, {3, 4}};\n    if (a) {\n"
           "        for (;;) {\n            while (a) {\n                if (a) {\n                    g((P){{a}});\n"
           "                }\n            }\n        }\n    }\n}\n")

# rule, why, files, number of breaches wanted
CASES = [
    ("include graph", "right neighbour", {"src/people/a.c": '#include "timeline/event.h"\n'}, 1),
    ("include graph", "left neighbour", {"src/timeline/a.c": '#include "people/person.h"\n'}, 0),
    ("include graph", "engine reads store", {"src/columns/a.c": '#include "store/db.h"\n'}, 1),
    ("include graph", "admin from a product folder", {"src/measure/a.c": '#include "admin/u.h"\n'}, 1),
    ("include graph", "app wires all", {"src/app/a.c": '#include "admin/u.h"\n'}, 0),
    ("include graph", "another's statements", {"src/timeline/a.c": '#include "people/p_sql.h"\n'}, 1),
    ("include graph", "own statements", {"src/people/a.c": '#include "people/p_sql.h"\n'}, 0),
    ("include graph", "no folder", {"src/people/a.c": '#include "person.h"\n'}, 1),
    ("include graph", "a folder nobody knows", {"src/misc/a.c": "int x(void);\n"}, 1),
    ("file length", "801 lines of C", {"src/base/a.c": "\n" * 801}, 1),
    ("file length", "800 lines of C", {"src/base/a.c": "\n" * 800}, 0),
    ("file length", "201 lines of header", {"src/base/a.h": "\n" * 201}, 1),
    ("file length", "251 lines of TypeScript", {"web/src/ui/a.tsx": "\n" * 251}, 1),
    ("line width", "101 columns", {"src/base/a.c": "x" * 101}, 1),
    ("line width", "100 columns", {"src/base/a.c": "x" * 100}, 0),
    ("function length", "72 lines", {"src/base/a.c": LONG_BODY}, 1),
    ("function length", "70 lines", {"src/base/a.c": FULL_BODY}, 0),
    ("nesting", "five levels", {"src/base/a.c": DEEP}, 1),
    ("nesting", "four levels and initialisers", {"src/base/a.c": SHALLOW}, 0),
    ("parameters", "six", {"src/base/a.c": "int f(int a, int b, int c, int d, int e, int g)\n{\n}\n"}, 1),
    ("parameters", "five, one of them a function",
     {"src/base/a.c": "int f(int a, int b, int c, int d, int (*e)(int, int))\n{\n}\n"}, 0),
    ("parameters", "a callback of the HTTP library",
     {"src/net/a.c": "int f(struct MHD_Connection *a, int b, int c, int d, int e, int g)\n{\n}\n"}, 0),
    ("banned calls", "sprintf", {"src/net/a.c": "void f(char *b) { sprintf(b, \"x\"); }\n"}, 1),
    ("banned calls", "in a comment and a string",
     {"src/net/a.c": "/* sprintf(b) */\nconst char *const f = \"atoi(x)\";\n"}, 0),
    ("banned calls", "wall clock outside base", {"src/net/a.c": "void f(void) { g_get_real_time(); }\n"}, 1),
    ("banned calls", "wall clock in base", {"src/base/a.c": "void f(void) { g_get_real_time(); }\n"}, 0),
    ("banned calls", "time() itself", {"src/net/a.c": "void f(void) { time(NULL); }\n"}, 1),
    ("banned calls", "a name that ends in time", {"src/net/a.c": "void f(void) { event_time(1); }\n"}, 0),
    ("banned calls", "zone by name", {"src/net/a.c": "void f(void) { g_time_zone_new_identifier(0); }\n"}, 1),
    ("banned calls", "unkeyed hash", {"src/net/a.c": "void f(void) { g_hash_table_new(g_str_hash, 0); }\n"}, 1),
    ("banned calls", "driver outside store", {"src/people/a.c": "void f(void) { sqlite3_step(0); }\n"}, 1),
    ("banned calls", "driver in store", {"src/store/a.c": "void f(void) { sqlite3_step(0); }\n"}, 0),
    ("SQL outside .sql", "a select", {"src/people/a.c": 'void f(void) { q("SELECT a FROM b"); }\n'}, 1),
    ("SQL outside .sql", "split over two literals",
     {"src/people/a.c": 'void f(void) { q("SELECT a "\n  "FROM b"); }\n'}, 1),
    ("SQL outside .sql", "an English sentence", {"src/people/a.c": 'const char *const s = "select a day";\n'}, 0),
    ("SQL outside .sql", "the driver", {"src/store/a.c": 'void f(void) { q("PRAGMA wal"); }\n'}, 0),
    ("global mutable state", "a counter", {"src/net/a.c": "static int count;\n"}, 1),
    ("global mutable state", "a table", {"src/net/a.c": "static const int t[] = {1, 2};\n"}, 0),
    ("global mutable state", "names that can be reseated",
     {"src/net/a.c": 'static const char *names[] = {"a"};\n'}, 1),
    ("global mutable state", "names that cannot",
     {"src/net/a.c": 'static const char *const names[] = {"a"};\n'}, 0),
    ("global mutable state", "static in a function",
     {"src/net/a.c": "int f(void)\n{\n    static int n = 0;\n    return n++;\n}\n"}, 1),
    ("global mutable state", "locals", {"src/net/a.c": "int f(void)\n{\n    int n = 0;\n    return n;\n}\n"}, 0),
    ("global mutable state", "prototypes and types",
     {"src/net/a.c": "struct A {\n    int b;\n};\nint f(int a);\ntypedef struct A A;\nenum { X = 1 };\n"}, 0),
    ("routes without tests", "nobody calls it",
     {"src/people/p_routes.c": '{"GET", "/api/people/{id}", SCOPE_API},\n'}, 1),
    ("routes without tests", "a suite calls it",
     {"src/people/p_routes.c": '{"GET", "/api/people/{id}", SCOPE_API},\n',
      "tests/api.py": 'get(f"/api/people/{person}")\n'}, 0),
    ("routes without tests", "only its longer sister is called",
     {"src/people/p_routes.c": '{"GET", "/api/people/{id}", SCOPE_API},\n',
      "tests/api.py": 'get(f"/api/people/{person}/notes")\n'}, 1),
    ("unlisted personal columns", "unlisted",
     {"migrations/1.sql": "CREATE TABLE note (\n    body TEXT, -- personal\n    at INTEGER\n);\n"}, 1),
    ("unlisted personal columns", "listed",
     {"migrations/1.sql": "CREATE TABLE note (\n    body TEXT, -- personal\n    at INTEGER\n);\n",
      "src/people/note.c": 'static const PersonalColumn all[] = {{"body", "what was noted"}, {NULL}};\n'
                           'const PersonalTable t[] = {{.table = "note", .columns = all}};\n'}, 0),
    ("unlisted personal columns", "a comment that denies it",
     {"migrations/1.sql": "CREATE TABLE note (\n    body TEXT, -- JSON without personal data\n);\n"}, 0),
    ("unlisted personal columns", "listed for another table",
     {"migrations/1.sql": "CREATE TABLE note (\n    body TEXT -- personal: words\n);\n",
      "src/people/note.c": 'static const PersonalColumn all[] = {{"body", "what was noted"}, {NULL}};\n'
                           'const PersonalTable t[] = {{.table = "memo", .columns = all}};\n'}, 1),
    ("unbuilt migrations", "not built", {"migrations/1.sql": "", "src/store/meson.build": "files('')\n"}, 1),
    ("unbuilt migrations", "built",
     {"migrations/1.sql": "", "src/store/meson.build": "files('../../migrations/1.sql')\n"}, 0),
    ("header essays", "no essay", {"src/net/a.h": "#pragma once\n"}, 1),
    ("header essays", "an essay", {"src/net/a.h": H}, 0),
    ("folder READMEs", "none", {"src/net/a.h": H}, 1),
    ("folder READMEs", "one", {"src/net/a.h": H, "src/net/README.md": "# net\n"}, 0),
    ("unfinished words", "a to-do", {"src/net/a.c": "/* TO" "DO: more */\n"}, 1),
    ("unfinished words", "a word that contains one", {"src/net/a.c": "/* mastodons, stubborn */\n"}, 0),
    ("machine paths", "a machine's folder", {"README.md": "see /work/" "shared/x\n"}, 1),
    ("machine paths", "a lock file that names a registry",
     {"web/package-lock.json": '"resolved": "https://host/x.tgz"\n'}, 1),
    ("web imports", "feature to feature",
     {"web/src/features/people/a.tsx": "import { x } from '../live/b';\n"}, 1),
    ("web imports", "ui to feature", {"web/src/ui/a.tsx": "import { x } from '@/features/live/b';\n"}, 1),
    ("web imports", "feature to ui", {"web/src/features/people/a.tsx": "import { x } from '@/ui/b';\n"}, 0),
]


def breaches(rule, files):
    """What a rule finds in a tree made of `files`."""
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            os.makedirs(os.path.dirname(os.path.join(folder, path)) or folder, exist_ok=True)
            with open(os.path.join(folder, path), "w", encoding="utf-8") as file:
                file.write(text)
        return list(tidy_rules.RULES[rule](tidy_source.Tree(folder)))


def main():
    """Runs the table; prints TAP."""
    failed = 0
    for number, (rule, why, files, want) in enumerate(CASES, 1):
        found = breaches(rule, files)
        failed += len(found) != want
        print(f"{'ok' if len(found) == want else 'not ok'} {number} {rule}: {why}")
        if len(found) != want:
            print(f"# wanted {want}, found {found}")
    uncovered = set(tidy_rules.RULES) - {case[0] for case in CASES}
    print(f"{'not ok' if uncovered else 'ok'} {len(CASES) + 1} every rule has a case {uncovered or ''}")
    print(f"1..{len(CASES) + 1}")
    return 1 if failed or uncovered else 0


if __name__ == "__main__":
    sys.exit(main())
