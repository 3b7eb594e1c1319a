"""Searches, one and several at once."""

from __future__ import annotations

from search.api.openapi.json_schema import either, list_of, record, ref
from search.api.openapi.operation import Access, Answer, Body, Content, Operation, Topic
from search.api.openapi.parameters import INDEX, INDEX_NAME, SEARCH_EXAMPLE, search_parameters, search_schemas
from search.api.openapi.search_answer import ANSWER_EXAMPLE, SCHEMAS
from search.api.searching import MAX_SEARCHES

_ANSWER = {200: Answer("What was found.", (Content(ref("SearchAnswer"), ANSWER_EXAMPLE),))}
_SEARCHES = search_schemas()
_SEARCH_IN = {
    **_SEARCHES["Search"],
    "properties": {"index": INDEX_NAME, **_SEARCHES["Search"]["properties"]},
    "required": ["index"],
}

SEARCH_BOX = """\
<label>Search <input id="search" type="search" autocomplete="off"></label>
<ol id="hits" aria-live="polite"></ol>
<script>
  const url = "http://127.0.0.1:8700/v1/indexes/shop/search";
  const key = "SEARCH_KEY"; // never the master key: who looks at the page can read it
  const box = document.getElementById("search"), list = document.getElementById("hits");
  let last; // what is typed on makes an earlier answer worthless
  box.addEventListener("input", async () => {
    last?.abort();
    last = new AbortController();
    const asked = new URLSearchParams({ q: box.value, page_size: 5 });
    try {
      const answer = await fetch(`${url}?${asked}`, {
        headers: { Authorization: `Bearer ${key}` },
        signal: last.signal,
      });
      const found = await answer.json();
      if (!answer.ok) throw new Error(found.detail);
      list.replaceChildren(...found.hits.map(({ document: product }) => {
        const item = document.createElement("li");
        item.textContent = [product.title, product.price?.text].filter(Boolean).join(", ");
        return item;
      }));
    } catch (error) {
      if (error.name !== "AbortError") console.error(error);
    }
  });
</script>
"""

TOPIC = Topic(
    "Search",
    "The search key may search, under its filter.",
    (
        Operation(
            "search",
            "GET",
            "/v1/indexes/{index}/search",
            "Search an index",
            Access.SEARCH_KEY,
            _ANSWER,
            description="What the shopper typed, and how the result is filtered, refined, counted and ordered.",
            parameters=(INDEX, *search_parameters()),
            errors=(410,),
            script=SEARCH_BOX,
        ),
        Operation(
            "searchByBody",
            "POST",
            "/v1/indexes/{index}/search",
            "Search an index, asked by a body",
            Access.SEARCH_KEY,
            _ANSWER,
            description="The same as by `GET`, for what is too long for an address. A null and an empty text count as "
            "absent. Nothing may stand in the query string.",
            parameters=(INDEX,),
            body=Body((Content(ref("Search"), SEARCH_EXAMPLE),)),
            errors=(410,),
        ),
        Operation(
            "searchSeveral",
            "POST",
            "/v1/search",
            "Several searches at once",
            Access.SEARCH_KEY,
            {
                200: Answer(
                    "The answers in their order; one that fails is a problem in its place, with its `status`.",
                    (
                        Content(
                            record({"results": list_of(either(ref("SearchAnswer"), ref("Problem")))}),
                            {"results": [ANSWER_EXAMPLE]},
                        ),
                    ),
                )
            },
            body=Body(
                (
                    Content(
                        record(
                            {"searches": list_of(ref("SearchInIndex"), minItems=1, maxItems=MAX_SEARCHES)}, closed=True
                        ),
                        {"searches": [{"index": "shop", "q": "desk lamp", "page_size": 5}]},
                    ),
                )
            ),
        ),
    ),
    {**_SEARCHES, "SearchInIndex": _SEARCH_IN, **SCHEMAS},
)
