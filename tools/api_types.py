#!/usr/bin/env python3
"""The UI's TypeScript types, made from the API document of a running binary.

    api_types.py build/kith            rewrites web/src/generated/api.ts
    api_types.py build/kith --check    TAP: fails when the file is not what the routes say

Starts `kith serve` on a free port over an empty folder, reads /api/openapi.json, stops it.
"""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.request

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TARGET = os.path.join(HERE, "web", "src", "generated", "api.ts")
HEAD = """/* Made by tools/api_types.py from the route tables; do not edit. `./dev check` compares. */
/* eslint-disable */

"""


def document(kith):
    """The API document of this binary."""
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(
            [kith, "serve", "--data", os.path.join(folder, "data"), "--listen", "127.0.0.1:0"],
            stderr=subprocess.PIPE, text=True)
        try:
            for line in server.stderr:
                found = re.search(r"Kith is at (http://\S+)", line)
                if found:
                    with urllib.request.urlopen(found.group(1) + "/api/openapi.json") as reply:
                        return json.load(reply)
            raise SystemExit("kith serve ended before it listened")
        finally:
            server.send_signal(signal.SIGTERM)
            server.communicate()


def ts_type(schema):
    """The TypeScript type of a JSON schema."""
    if "$ref" in schema:
        return schema["$ref"].rsplit("/", 1)[1]
    if "anyOf" in schema:
        return " | ".join(ts_type(part) for part in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(f"'{value}'" for value in schema["enum"])
    kind = schema.get("type")
    if kind == "array":
        inner = ts_type(schema["items"])
        return f"({inner})[]" if " | " in inner else f"{inner}[]"
    return {"string": "string", "integer": "number", "number": "number", "boolean": "boolean",
            "null": "null", "object": "Record<string, unknown>"}.get(kind, "unknown")


def interface(name, schema):
    """`export interface Name {…}`."""
    lines = [f"export interface {name} {{"]
    for field, inner in schema["properties"].items():
        if "description" in inner:
            lines.append(f"  /** {inner['description']} */")
        mark = "" if field in schema["required"] else "?"
        lines.append(f"  {field}{mark}: {ts_type(inner)};")
    return "\n".join(lines + ["}"])


def operation(method, path, body):
    """One line of the table of routes."""
    query = [f"{part['name']}{'' if part['required'] else '?'}: {ts_type(part['schema'])}"
             for part in body["parameters"] if part["in"] == "query"]
    asked = body.get("requestBody", {}).get("content", {}).get("application/json")
    reply = body["responses"]["2XX"].get("content", {}).get("application/json")
    parts = [f"query: {{ {'; '.join(query)} }}" if query else "query: null",
             f"request: {ts_type(asked['schema'])}" if asked else "request: null",
             f"reply: {ts_type(reply['schema'])}" if reply else "reply: null"]
    return f"  '{method.upper()} {path}': {{ {'; '.join(parts)} }};"


def text(api):
    """The whole file."""
    out = [interface(name, schema) for name, schema in sorted(api["components"]["schemas"].items())]
    routes = [operation(method, path, body) for path, methods in sorted(api["paths"].items())
              for method, body in sorted(methods.items())]
    out.append("\n".join(["/** Every route: what goes in, what comes out. */",
                          "export interface Routes {", *routes, "}"]))
    return HEAD + "\n\n".join(out) + "\n"


def main():
    """Writes or compares."""
    want = text(document(sys.argv[1]))
    if "--check" not in sys.argv:
        os.makedirs(os.path.dirname(TARGET), exist_ok=True)
        with open(TARGET, "w", encoding="utf-8") as file:
            file.write(want)
        return 0
    have = ""
    if os.path.exists(TARGET):
        with open(TARGET, encoding="utf-8") as file:
            have = file.read()
    print("1..1")
    print("ok 1 the UI's types are what the routes say" if have == want else
          "not ok 1 web/src/generated/api.ts is old: run tools/api_types.py build/kith")
    return 0


if __name__ == "__main__":
    sys.exit(main())
