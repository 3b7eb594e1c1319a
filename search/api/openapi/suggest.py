"""What a shopper may mean while typing."""

from __future__ import annotations

from search.api.openapi.json_schema import COUNT, TEXT, described, list_of, map_of, record, ref, whole
from search.api.openapi.operation import Access, Answer, Content, Operation, Parameter, Topic
from search.api.openapi.parameters import INDEX, search_parameters
from search.api.openapi.search_answer import COUNTS, HIT_EXAMPLE, INDEX_STATE, INDEX_STATE_EXAMPLE, TIMINGS
from search.api.suggesting import DEFAULT_LIMIT, MAX_LIMIT

SUGGEST_BOX = """\
<label>Search <input id="search" type="search" list="meant" autocomplete="off"></label>
<datalist id="meant"></datalist>
<script>
  const url = "http://127.0.0.1:8700/v1/indexes/shop/suggest";
  const key = "SEARCH_KEY"; // never the master key: who looks at the page can read it
  const box = document.getElementById("search"), meant = document.getElementById("meant");
  let last; // what is typed on makes an earlier answer worthless
  box.addEventListener("input", async () => {
    last?.abort();
    last = new AbortController();
    try {
      const answer = await fetch(`${url}?${new URLSearchParams({ q: box.value })}`, {
        headers: { Authorization: `Bearer ${key}` },
        signal: last.signal,
      });
      const found = await answer.json();
      if (!answer.ok) throw new Error(found.detail);
      meant.replaceChildren(...found.completions.map(({ text }) => new Option(text, text)));
    } catch (error) {
      if (error.name !== "AbortError") console.error(error);
    }
  });
</script>
"""

_COMPLETION = record(
    {
        "text": TEXT,
        "count": described(COUNT, "Products that have every word of it."),
        "corrected": map_of(TEXT, "By the word as typed."),
    }
)

TOPIC = Topic(
    "Suggestions",
    "With each letter that a shopper types. The search key may ask for them, under its filter.",
    (
        Operation(
            "suggest",
            "GET",
            "/v1/indexes/{index}/suggest",
            "Suggest completions, products and categories",
            Access.SEARCH_KEY,
            {
                200: Answer(
                    "What may be meant.",
                    (
                        Content(
                            ref("Suggestions"),
                            {
                                "q": "blakc la",
                                "query": "black lamp",
                                "corrected": {"blakc": "black"},
                                "completions": [{"text": "black lamp", "count": 12, "corrected": {"blakc": "black"}}],
                                "products": [HIT_EXAMPLE],
                                "categories": [{"value": "Home > Lamps", "count": 11}],
                                "total": 12,
                                "timings_ms": {"complete": 1.2, "search": 1.9, "total": 3.2},
                                "index": INDEX_STATE_EXAMPLE,
                            },
                        ),
                    ),
                )
            },
            description="Products, categories and `total` are of `query`: the first completion, else what was typed.",
            parameters=(
                INDEX,
                Parameter("q", "query", "What is in the search box, with white space at its end.", TEXT, "desk la"),
                Parameter(
                    "limit", "query", f"At most so many of each, {DEFAULT_LIMIT} without it.", whole(1, MAX_LIMIT)
                ),
                *search_parameters("filters", "language", "channel"),
            ),
            script=SUGGEST_BOX,
        ),
    ),
    {
        "Suggestions": record(
            {
                "q": TEXT,
                "query": TEXT,
                "corrected": map_of(TEXT, "By the word as typed."),
                "completions": list_of(_COMPLETION),
                "products": list_of(ref("Hit")),
                "categories": COUNTS,
                "total": COUNT,
                "timings_ms": TIMINGS,
                "index": INDEX_STATE,
            }
        )
    },
)
