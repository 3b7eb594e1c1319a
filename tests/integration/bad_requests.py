"""Requests that nobody should send, each with the status and the parameter that its answer names."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

JSON = "application/json"
LINES = "application/x-ndjson"
SHOP = "/v1/indexes/shop"
SEARCH = f"{SHOP}/search"
DOCUMENTS = f"{SHOP}/documents"
SETTINGS = f"{SHOP}/settings"
PRODUCT = b'{"id": "p", "title": "T"}'
_EVENT = {"index": "shop", "type": "click", "product_id": "p1"}


@dataclass(frozen=True)
class Bad:
    """A request that is wrong.

    Args:
        name: what is wrong with it.
        status: of the answer.
        parameter: that the answer names, "" where none is to blame.
        says: part of the answer's detail.
        body: as it is sent; JSON where it is no bytes.
    """

    name: str
    method: str
    url: str
    status: int
    parameter: str = ""
    says: str = ""
    body: object = None
    type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> bytes | None:
        """The body."""
        return self.body if self.body is None or isinstance(self.body, bytes) else json.dumps(self.body).encode()


def _search(name: str, query: str, parameter: str, says: str = "", status: int = 400) -> Bad:
    return Bad(name, "GET", f"{SEARCH}?{query}", status, parameter, says)


def _posted(name: str, body: object, parameter: str, says: str = "", status: int = 400, type: str = JSON) -> Bad:  # noqa: A002
    return Bad(name, "POST", SEARCH, status, parameter, says, body, type)


def lists(levels: int) -> bytes:
    """So many lists in one another."""
    return b"[" * levels + b"]" * levels


def objects(levels: int) -> bytes:
    """So many objects in one another."""
    return b'{"a":' * levels + b"1" + b"}" * levels


# fmt: off
_JSON = [
    _posted("no body", b"", "body", "empty"),
    _posted("half a body", b'{"q": ', "body", "no JSON"),
    _posted("two bodies", b'{"q": "a"} {"q": "b"}', "body", "no JSON"),
    _posted("a comment", b'{"q": "a"} // lamp', "body", "no JSON"),
    _posted("a comma too many", b'{"q": "a",}', "body", "no JSON"),
    _posted("single quotes", b"{'q': 'a'}", "body", "no JSON"),
    _posted("NaN", b'{"page": NaN}', "body", "no JSON"),
    _posted("Infinity", b'{"page": Infinity}', "body", "no JSON"),
    _posted("1e999", b'{"page": 1e999}', "body", "infinity"),
    _posted("a fraction", {"page": 1.5}, "page"),
    _posted("a number as text", {"page": "1"}, "page"),
    _posted("true as a number", {"page": True}, "page"),
    _posted("a number beyond 64 bits", b'{"page": 99999999999999999999999}', "page"),
    _posted("a number of a thousand digits", b'{"page": ' + b"9" * 1000 + b"}", "body"),
    _posted("a list", [], "body", "not a list"),
    _posted("a text", "lamp", "body", "not a text"),
    _posted("null", None, "body"),
    _posted("deep lists", b'{"q": ' + lists(50_000) + b"}", "body"),
    _posted("deep objects", b'{"refine": ' + objects(20_000) + b"}", "body"),
    _posted("a thousand lists", b'{"q": ' + lists(1000) + b"}", "body", "100 levels"),
    _posted("ninety lists", b'{"q": ' + lists(90) + b"}", "q"),
    _posted("half a surrogate pair", b'{"q": "\\ud800"}', "body"),
    _posted("no UTF-8", b'{"q": "\xff"}', "body", "UTF-8"),
    _posted("UTF-16", '{"q": "lamp"}'.encode("utf-16"), "body"),
    _posted("a byte order mark", b"\xef\xbb\xbf{}", "body"),
    _posted("a control character in JSON", b'{"q": "a\x00b"}', "body"),
    _posted("an unknown member", {"qq": "lamp"}, "qq", 'did you mean "q"'),
    _posted("an unknown member of a facet", {"facets": [{"field": "brand", "sise": 3}]}, "facets.0.sise", '"size"'),
    _posted("a member without a name", {"": 1}, "body"),
    _posted("a prototype", {"__proto__": {"admin": True}}, "__proto__"),
    _posted("an object for a text", {"q": {"$ne": ""}}, "q"),
    _posted("a form", b"q=lamp", "body", type="application/x-www-form-urlencoded"),
    _posted("XML", b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><q>&x;</q>", "body", type="application/xml"),
    _posted("packed, without saying so", gzip.compress(b"{}"), "body"),
    _posted("too many choices", {"refine": {"brand": ["x"] * 100_000}}, "refine.brand"),
    _posted("too many facets", {"facets": [f"f{n}" for n in range(51)]}, "facets"),
    _posted("a range without ends", {"facets": [{"field": "price", "ranges": [{}]}]}, "facets.0.ranges.0"),
]

_QUERY = [
    _search("an unknown parameter", "page_siz=5", "page_siz", '"page_size"'),
    _search("a parameter twice", "q=a&q=b", "q", "2 times"),
    _search("page 0", "page=0", "page"),
    _search("a negative page", "page=-1", "page"),
    _search("a page beyond the last", "page=10001&page_size=1", "page"),
    _search("a page beyond all numbers", f"page={'9' * 400}", "page"),
    _search("a page in Arabic digits", "page=%D9%A1", "page"),
    _search("a page size beyond the limit", "page_size=201", "page_size"),
    _search("a page in hexadecimal", "page=0x10", "page"),
    _search("a query that is too long", f"q={'x' * 513}", "q", "512"),
    _search("no UTF-8", "q=%ff%fe", "query string", "UTF-8"),
    _search("overlong UTF-8", "q=%c0%af", "query string", "UTF-8"),
    _search("a parameter without a name", "=x", "query string"),
    _search("an empty cursor", "cursor=", "cursor"),
    _search("a cursor that is none", "cursor=nonsense", "cursor"),
    _search("a cursor that was made up", "cursor=WyJ4IiwtNV0", "cursor"),
    _search("a cursor of something else", "cursor=bnVsbA", "cursor"),
    _search("a cursor that is gone", "cursor=WyJhYmMiLDVd", "", status=410),
    _search("a cursor beside a query", "cursor=WyJhYmMiLDVd&q=lamp", "q"),
    _search("an unknown mode", "mode=both", "mode"),
    _search("an unknown language", "language=xx", "language"),
    _search("a locale as a path", "language=../../etc", "language"),
    _search("a channel that there is none of", "channel=web", "channel"),
    _search("a product that there is none of", "similar_to=nobody", "", status=404),
    _search("an id that is too long", f"similar_to={'x' * 513}", "similar_to"),
    _search("a user that is too long", f"user_id={'x' * 201}", "user_id"),
    _search("too many fields", f"fields={','.join(['title'] * 201)}", "fields"),
    _search("an unknown field", "fields=title,pirce", "fields.1", '"price"'),
    _search("an unknown order", "sort=price:sideways", "sort"),
    _search("an order by a text", "sort=title", "sort"),
    _search("a refinement without a field", "refine=red", "refine"),
    _search("a refinement of an unknown field", "refine.nosuch=red", "refine.nosuch"),
]

_FILTERS = [
    _search("an unbalanced parenthesis", "filters=(brand:Alma", "filters"),
    _search("one too many", "filters=brand:Alma)", "filters"),
    _search("an unbalanced quotation mark", "filters=brand:%22Alma", "filters"),
    _search("an unbalanced backtick", "filters=%60brand:Alma", "filters"),
    _search("an operator without a value", "filters=price<", "filters"),
    _search("AND alone", "filters=AND", "filters"),
    _search("a number that is none", "filters=price<cheap", "filters"),
    _search("a number that is not finite", "filters=price<inf", "filters"),
    _search("a filter that nests too deep", f"filters={'(' * 30}brand:Alma{')' * 30}", "filters"),
    _search("a filter of too many NOTs", f"filters={'NOT+' * 1000}brand:Alma", "filters"),
    _posted("a filter that is too long", {"filters": f'brand:"{"x" * 4000}"'}, "filters", "4,000"),
    _posted("a filter of too many conditions", {"filters": " OR ".join(["brand:x"] * 201)}, "filters", "200"),
    _search("a filter in SQL", "filters=1=1;+DROP+TABLE+product;--", "filters"),
    _search("a filter in Lucene", "filters=%2Bbrand:x~2+-price:%5B1+TO+2%5D", "filters"),
    _search("a filter as a template", "filters={{7*7}}", "filters"),
]

_INJECTED = [
    Bad("SQL as the name of an index", "GET", "/v1/indexes/x'%20OR%20'1'='1", 404),
    Bad("a path as the name of an index", "GET", "/v1/indexes/..%2F..%2Fetc%2Fpasswd", 404),
    Bad("dots as the name of an index", "PUT", "/v1/indexes/..", 400),
    Bad("dots as the name of an import's index", "POST", "/v1/indexes/../imports", 400, body=PRODUCT),
    Bad("a name that is too long", "PUT", f"/v1/indexes/{'x' * 201}", 400),
    Bad("a control character in a name", "PUT", "/v1/indexes/a%00b", 400),
    Bad("a line break in a name", "PUT", "/v1/indexes/a%0d%0ab", 400),
    Bad("a template as the name of an index", "GET", "/v1/indexes/{{7*7}}", 404, says="{{7*7}}"),
    Bad("SQL as an id", "GET", f"{DOCUMENTS}/x';DROP%20TABLE%20product;--", 404),
    Bad("a path as an id", "GET", f"{DOCUMENTS}/..%2f..%2f..%2fetc%2fpasswd", 404),
    Bad("a path as a task", "GET", "/v1/tasks/..%2f..%2fcatalogue.db/rejects", 404),
    Bad("SQL as a task", "GET", "/v1/tasks/'%20UNION%20SELECT%201--", 404),
    Bad("a control character as a task", "GET", "/v1/tasks/%00", 404),
    Bad("line breaks in a parameter's name", "GET", f"{SEARCH}?a%0d%0aSet-Cookie:%20x=1", 400, "a\r\nSet-Cookie: x"),
    Bad("a line of a log in a query", "GET", f"{SEARCH}?mode=x%0aCRITICAL%20the%20end", 400, "mode"),
    Bad("markup in a parameter's name", "GET", f"{SEARCH}?<script>=1", 400, "<script>"),
    Bad("a path in a cursor of documents", "GET", f"{DOCUMENTS}?cursor=../../etc/passwd", 400, "cursor"),
    Bad("format strings", "GET", f"{SEARCH}?mode=%25s%25n{{0.__class__}}", 400, "mode", "%s%n{0.__class__}"),
    Bad(
        "a template as the text that is embedded",
        "PATCH",
        SETTINGS,
        400,
        "settings",
        body={"schema": {"text_template": "{title"}},
    ),
]

_OTHERS = [
    Bad("suggestions by an unknown parameter", "GET", f"{SHOP}/suggest?query=la", 400, "query"),
    Bad("too many suggestions", "GET", f"{SHOP}/suggest?limit=21", 400, "limit"),
    Bad("suggestions for a page of text", "GET", f"{SHOP}/suggest?q={'x' * 513}", 400, "q"),
    Bad("suggestions under a broken filter", "GET", f"{SHOP}/suggest?filters=(", 400, "filters"),
    Bad("suggestions of an unknown index", "GET", "/v1/indexes/nowhere/suggest?q=la", 404),
    Bad("values of an unknown field", "GET", f"{SHOP}/facets/nosuch", 400, "field"),
    Bad("values of a number", "GET", f"{SHOP}/facets/price", 400, "field"),
    Bad("values by a text that is too long", "GET", f"{SHOP}/facets/brand?value={'x' * 201}", 400, "value"),
    Bad("too many values", "GET", f"{SHOP}/facets/brand?size=1001", 400, "size"),
    Bad("values of a path", "GET", f"{SHOP}/facets/..%2f..%2fetc%2fpasswd", 400, "field"),
    Bad("no event", "POST", "/v1/events", 400, "body", body=b""),
    Bad("an empty list of events", "POST", "/v1/events", 400, "body", body=[]),
    Bad("too many events", "POST", "/v1/events", 400, "body", body=[{}] * 1001),
    Bad("an event that is a number", "POST", "/v1/events", 400, "event", body=7),
    Bad("an event without an index", "POST", "/v1/events", 400, "index", body={"type": "click", "product_id": "p1"}),
    Bad("an event of an unknown type", "POST", "/v1/events", 400, "type", body={**_EVENT, "type": "stare"}),
    Bad("an event in an unknown index", "POST", "/v1/events", 404, body={**_EVENT, "index": "nowhere"}),
    Bad("an event of tomorrow", "POST", "/v1/events", 400, "time", body={**_EVENT, "time": "2999-01-01T00:00:00Z"}),
    Bad("an event at no time", "POST", "/v1/events", 400, "time", body={**_EVENT, "time": "noon"}),
    Bad("an event long ago", "POST", "/v1/events", 400, "time", body={**_EVENT, "time": "0001-01-01T00:00+14:00"}),
    Bad("a purchase of nothing", "POST", "/v1/events", 400, "quantity", body={**_EVENT, "quantity": 0}),
    Bad("a value without a currency", "POST", "/v1/events", 400, "currency", body={**_EVENT, "value": 5}),
    Bad("half a cent", "POST", "/v1/events", 400, "value", body={**_EVENT, "value": 0.005, "currency": "EUR"}),
    Bad("an event with NUL", "POST", "/v1/events", 400, "user_id", body={**_EVENT, "user_id": "a\0b"}),
    Bad("a deep event", "POST", "/v1/events", 400, "body", "100 levels", b'{"a":' + lists(1000) + b"}"),
    Bad("metrics of something", "GET", "/metrics?name=up", 400, "name"),
]

_HTTP = [
    Bad("an unknown address", "GET", "/v1/nothing", 404),
    Bad("a file", "GET", "/etc/passwd", 404),
    Bad("a folder above", "GET", "/v1/../../etc/passwd", 404),
    Bad("the wrong method for a search", "DELETE", SEARCH, 405, says="GET or POST"),
    Bad("the wrong method for health", "POST", "/healthz", 405),
    Bad("the wrong method for a task", "PUT", "/v1/tasks", 405),
    Bad("an unknown method", "BREW", SEARCH, 405),
    Bad("TRACE", "TRACE", SEARCH, 405),
    Bad("an address that is too long", "GET", f"{SEARCH}?q={'x' * 20_000}", 414, says="max_query_bytes"),
    Bad("a body that is too long", "POST", SEARCH, 413, says="max_body_bytes", body={"q": "x" * 1_000_000}),
    Bad("a length that is none", "POST", SEARCH, 400, "Content-Length", body={}, headers={"Content-Length": "many"}),
    Bad("a negative length", "POST", SEARCH, 400, "Content-Length", body={}, headers={"Content-Length": "-5"}),
    Bad("a broken gzip", "POST", SEARCH, 400, "body", body=gzip.compress(b"{}")[:-5],
        headers={"Content-Encoding": "gzip"}),
    Bad("an unknown packing", "POST", SEARCH, 415, body={}, headers={"Content-Encoding": "br"}),
    Bad("no gzip", "POST", SEARCH, 400, "body", body={}, headers={"Content-Encoding": "gzip"}),
    Bad("a gzip bomb", "POST", SEARCH, 413, body=gzip.compress(b" " * 50_000_000),
        headers={"Content-Encoding": "gzip"}),
    Bad("an idempotency key with a space", "PUT", SHOP, 400, "Idempotency-Key", headers={"Idempotency-Key": "a b"}),
    Bad("a parameter beside a body", "POST", f"{SEARCH}?q=lamp", 400, "q", body={}),
    Bad("a parameter of health", "GET", "/healthz?verbose=1", 400, "verbose"),
]
# fmt: on

BAD_READS = [*_JSON, *_QUERY, *_FILTERS, *_INJECTED, *_OTHERS, *_HTTP]
