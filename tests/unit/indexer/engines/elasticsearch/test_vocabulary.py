"""When the words of a generation are read: all at first, then what was written since, and not all the time."""

from __future__ import annotations

from typing import Any

from indexer.engines.elasticsearch.bodies import Bodies
from indexer.engines.elasticsearch.fields import Fields
from indexer.engines.elasticsearch.settings import Vectors
from indexer.engines.elasticsearch.vocabulary import Lexicons
from indexer.fields import Schema

BODIES = Bodies(Fields(Schema()), 1, Vectors.INT8)


class Server:
    """Answers with words and their counts, page by page, or with those that came since."""

    def __init__(self, counts: dict[str, int]) -> None:
        self.counts = counts
        self.since: dict[str, int] = {}
        self.asked: list[str] = []

    def __call__(self, body: dict[str, Any]) -> dict[str, Any]:
        asked = body["aggs"]["words"]
        if "composite" in asked:
            self.asked.append("all")
            after = asked["composite"].get("after", {}).get("word", "")
            page = [word for word in sorted(self.counts) if word > after][:7_000]
            buckets = [{"key": {"word": word}, "doc_count": self.counts[word]} for word in page]
            more = {"after_key": {"word": page[-1]}} if page else {}
            return {"aggregations": {"words": {"buckets": buckets, **more}}}
        self.asked.append(f"since {body['query']['bool']['filter'][0]['range']['commit']['gt']}")
        buckets = [{"key": word, "doc_count": count} for word, count in self.since.items()]
        found = {"buckets": buckets, "sum_other_doc_count": 0}
        return {"aggregations": {"words": found}, "hits": {"total": {"value": 1}}}


def test_what_was_written_since_is_added() -> None:
    server = Server({"lamp": 3, "desk": 5})
    lexicons = Lexicons(BODIES)
    assert list(lexicons.at(1, server).counts.items()) == [("desk", 5), ("lamp", 3)]
    server.since = {"lamp": 4, "sofa": 1}
    assert lexicons.at(1, server).counts["lamp"] == 3  # the same commit
    assert list(lexicons.at(2, server).counts.items()) == [("lamp", 7), ("desk", 5), ("sofa", 1)]
    assert server.asked == ["all", "all", "since 1"]


def test_of_many_words_not_every_commit_is_looked_at() -> None:
    server, now_s = Server({f"word{number:05}": 1 for number in range(10_000)}), [0.0]
    lexicons = Lexicons(BODIES, lambda: now_s[0])
    assert len(lexicons.at(1, server).counts) == 10_000
    server.since = {"sofa": 1}
    now_s[0] = 0.5
    assert "sofa" not in lexicons.at(2, server).counts
    now_s[0] = 0.7
    assert "sofa" in lexicons.at(2, server).counts
    assert server.asked[-1] == "since 1"


def test_all_are_read_anew_once_much_was_written_again() -> None:
    server = Server({"lamp": 3})
    lexicons = Lexicons(BODIES)
    lexicons.at(1, server)
    for commit in range(2, 250):
        lexicons.at(commit, server)
    assert server.asked.count("all") == 4
