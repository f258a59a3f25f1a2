"""A shop's API as Shopify and WooCommerce publish it; refuses whatever is not in their published shape.

    with StandIn("woocommerce") as vendor:
        vendor.orders = [...]           # rows as the vendor's documentation shows them
        vendor.trouble = ["429", "500"] # what the next calls get instead of rows
        ... vendor.url, vendor.asked, vendor.wrong ...

Shapes, as read on these pages:
  https://shopify.dev/docs/api/admin-rest/usage/pagination (limit up to 250; with page_info nothing but
    limit and fields; Link with rel="next")
  https://shopify.dev/docs/api/admin-rest/usage/rate-limits (429, Retry-After, X-Shopify-Shop-Api-Call-Limit)
  https://shopify.dev/docs/api/admin-rest/latest/resources/order, …/customer (updated_at_min, status)
  https://shopify.dev/docs/api/admin-graphql/latest/queries/products (first, after, query, sortKey)
  https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/client-credentials-grant
  https://woocommerce.github.io/woocommerce-rest-api-docs/#list-all-orders, #list-all-customers,
    #list-all-products, #pagination, #authentication-over-https
"""
import base64
import http.server
import json
import re
import socket
import threading
import urllib.parse

TOKEN = "shpat_0123456789abcdef"
CLIENT = ("client-0123456789", "shpss_0123456789abcdef")
KEYS = ("ck_0123456789abcdef", "cs_0123456789abcdef")
ISO = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"

REST = {"orders": {"limit", "updated_at_min", "status", "page_info"},
        "customers": {"limit", "updated_at_min", "page_info"}}
REST_VALUES = {"limit": r"([1-9]\d?|1\d\d|2[0-4]\d|250)", "status": r"any|open|closed|cancelled",
               "updated_at_min": ISO + r"[+-]\d\d:\d\d", "page_info": r"[A-Za-z0-9_=-]+"}
WORDS = {"query", "after", "String", "products", "first", "sortKey", "UPDATED_AT", "pageInfo", "hasNextPage",
         "endCursor", "nodes", "legacyResourceId", "title", "productType", "updatedAt", "featuredMedia",
         "preview", "image", "url", "variants", "sku", "price", "inventoryQuantity"}
LISTED = {"modified_after", "dates_are_gmt", "orderby", "order", "per_page", "page", "offset"}
WOO = {"orders": LISTED, "products": LISTED, "customers": {"orderby", "order", "per_page", "page", "offset"}}
WOO_VALUES = {"modified_after": ISO, "dates_are_gmt": "true|false", "order": "asc|desc",
              "per_page": r"[1-9]\d?|100", "page": r"[1-9]\d*", "offset": r"\d+"}
WOO_ORDERBY = {"orders": "date|id|include|title|slug",
               "products": "date|id|include|title|slug|price|popularity|rating|menu_order",
               "customers": "id|include|name|registered_date"}


class Wrong(Exception):
    """A request that no published page allows."""


class Handler(http.server.BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass

    def reply(self, status, body, headers=None):
        """Sends an answer."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def serve(self):
        """Checks it, and answers."""
        vendor = self.server.vendor
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path, _, query = self.path.partition("?")
        pairs = urllib.parse.parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
        vendor.asked.append(self.path)
        vendor.before(self.path)
        try:
            if self.trouble(vendor):
                return
            if len(dict(pairs)) != len(pairs):
                raise Wrong("a parameter twice")
            (self.shopify if vendor.kind == "shopify" else self.woocommerce)(vendor, path, dict(pairs), raw)
        except Wrong as why:
            vendor.wrong.append(f"{self.command} {self.path}: {why}")
            self.reply(400, {"errors": str(why)})

    def do_GET(self):  # pylint: disable=invalid-name
        """GET."""
        try:
            self.serve()
        except OSError:
            self.close_connection = True  # the asker was killed

    do_POST = do_GET

    def trouble(self, vendor):
        """What stands on the list instead of an answer."""
        what = vendor.trouble.pop(0) if vendor.trouble else None
        if what == "429":
            self.reply(429, {"errors": "Exceeded 2 calls per second for api client."}, {"Retry-After": "0.1"})
        elif what == "html":
            self.reply(200, b"<html>Maintenance</html>", {"Content-Type": "text/html"})
        elif what == "cut":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        elif what:
            self.reply(int(what), {"errors": "trouble"}, {"Retry-After": "0.1"})
        return what is not None

    # ---- Shopify ----

    def shopify(self, vendor, path, query, raw):
        """The Admin API, and the tokens of an app."""
        if path == "/admin/oauth/access_token":
            self.app_token(vendor, raw)
            return
        found = re.fullmatch(r"/admin/api/20\d\d-(?:01|04|07|10)/(orders|customers|graphql)\.json", path)
        if not found:
            raise Wrong("no such resource")
        if self.headers.get("X-Shopify-Access-Token") not in vendor.tokens:
            self.reply(401, {"errors": "[API] Invalid API key or access token"})
        elif found.group(1) in vendor.closed:
            self.reply(403, {"errors": "[API] This action requires merchant approval for the scope."})
        elif found.group(1) == "graphql":
            self.graphql(vendor, raw)
        else:
            self.rest(vendor, found.group(1), query)

    def app_token(self, vendor, raw):
        """The client credentials grant."""
        said = dict(urllib.parse.parse_qsl(raw.decode(), strict_parsing=True))
        if self.command != "POST" or self.headers["Content-Type"] != "application/x-www-form-urlencoded":
            raise Wrong("a form, by POST")
        if set(said) != {"grant_type", "client_id", "client_secret"} or said["grant_type"] != "client_credentials":
            raise Wrong("grant_type, client_id, client_secret")
        if (said["client_id"], said["client_secret"]) != CLIENT:
            self.reply(400, {"error": "invalid_client"})
            return
        token = f"shpat_day_{len(vendor.asked)}"
        vendor.tokens.add(token)
        self.reply(200, {"access_token": token, "scope": "read_orders", "expires_in": 86399})

    def rest(self, vendor, name, query):
        """A list with cursor pages."""
        if self.command != "GET" or not set(query) <= REST[name]:
            raise Wrong("method or parameters")
        for key, value in query.items():
            if not re.fullmatch(REST_VALUES[key], value):
                raise Wrong(f"{key}={value}")
        if "page_info" in query and set(query) > {"page_info", "limit"}:
            raise Wrong("page_info goes with limit alone")
        if "page_info" in query:
            place = json.loads(base64.urlsafe_b64decode(query["page_info"]))
            if place["turn"] != vendor.turn:
                self.reply(400, {"errors": {"page_info": "Invalid value."}})
                return
        else:
            place = {"turn": vendor.turn, "since": query["updated_at_min"], "above": 0}
        rows = sorted((row for row in getattr(vendor, name) if row["updated_at"] >= place["since"][:19]
                       and row["id"] > place["above"]), key=lambda row: row["id"])
        page = rows[:min(int(query.get("limit", 50)), vendor.rows)]
        headers = {"X-Shopify-Shop-Api-Call-Limit": "3/40"}
        if len(rows) > len(page):
            mark = base64.urlsafe_b64encode(json.dumps({**place, "above": page[-1]["id"]}).encode()).decode()
            address = f"https://somewhere.myshopify.com/admin/api/2026-01/{name}.json"
            headers["Link"] = (f'<{address}?limit=250&page_info=before>; rel="previous", '
                               f'<{address}?limit=250&page_info={mark}>; rel="next"')
        self.reply(200, {name: page}, headers)

    def graphql(self, vendor, raw):
        """The one query that is asked."""
        said = json.loads(raw)
        text, variables = said["query"], said.get("variables", {})
        words = set(re.findall(r"[A-Za-z_]+", text))
        if self.command != "POST" or not words <= WORDS or text.count("{") != text.count("}"):
            raise Wrong(f"query: {words - WORDS}")
        if not re.fullmatch(r"updated_at:>='" + ISO + r"Z'", variables["query"]):
            raise Wrong("filter")
        first, inner = (int(number) for number in re.findall(r"first:\s*(\d+)", text))
        if first * (inner + 1) > 1000:
            raise Wrong("a single query may not cost over 1,000 points")
        if vendor.throttle > 0:
            vendor.throttle -= 1
            self.reply(200, {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]})
            return
        since = variables["query"].split("'")[1][:19]
        rows = [row for row in vendor.products if row["updatedAt"][:19] >= since]
        at = int(variables.get("after") or 0)
        more = len(rows) > at + first
        self.reply(200, {"data": {"products": {"nodes": rows[at:at + first], "pageInfo": {
            "hasNextPage": more, "endCursor": str(at + first) if rows[at:] else None}}}})

    # ---- WooCommerce ----

    def woocommerce(self, vendor, path, query, raw):
        """Lists with numbered pages."""
        found = re.fullmatch(r"/wp-json/wc/v3/(orders|products|customers)", path)
        if not found or self.command != "GET" or raw:
            raise Wrong("no such resource")
        name = found.group(1)
        for key, value in query.items():
            shape = WOO_ORDERBY[name] if key == "orderby" else WOO_VALUES.get(key)
            if key not in WOO[name] or not re.fullmatch(shape, value):
                raise Wrong(f"{key}={value}")
        basic = base64.b64encode(":".join(KEYS).encode()).decode()
        if self.headers.get("Authorization") != f"Basic {basic}":
            self.reply(401, {"code": "woocommerce_rest_cannot_view", "message": "Sorry", "data": {"status": 401}})
            return
        if name in vendor.closed:
            self.reply(403, {"code": "woocommerce_rest_cannot_view", "message": "Sorry", "data": {"status": 403}})
            return
        size, page = int(query.get("per_page", 10)), int(query.get("page", 1))
        rows = [row for row in getattr(vendor, name)
                if row.get("date_modified_gmt", "9999") > query.get("modified_after", "")]
        rows.sort(key=lambda row: row["date_created_gmt"] if name == "customers" else row["id"],
                  reverse=query.get("order", "desc") == "desc")
        at = int(query.get("offset", (page - 1) * size))
        self.reply(200, rows[at:at + size],
                   {"X-WP-Total": str(len(rows)), "X-WP-TotalPages": str(-(-len(rows) // size))})


class Server(http.server.ThreadingHTTPServer):
    """Connections are not waited for, and nobody minds when they are lost."""

    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


class StandIn:
    """The server, its rows, and what it saw: `asked` (paths), `wrong` (requests in no published shape)."""

    def __init__(self, kind):
        self.kind, self.rows, self.turn, self.throttle = kind, 250, 1, 0
        self.orders, self.customers, self.products = [], [], []
        self.asked, self.wrong, self.trouble, self.closed = [], [], [], set()
        self.tokens = {TOKEN}
        self.before = lambda path: None
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.vendor = self
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
