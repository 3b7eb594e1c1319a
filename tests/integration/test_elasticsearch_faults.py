"""Elasticsearch busy, slow, away, killed, read-only, of another kind, or with something else in it than was written."""

from __future__ import annotations

import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from elasticsearch_proxy import Answered, Asked, Proxy, proxied
from elasticsearch_server import OwnServer, free_port, remove_everything

from indexer.engines.elasticsearch.cluster import Cluster
from indexer.engines.elasticsearch.commits import Commits
from indexer.engines.elasticsearch.described import describe
from indexer.engines.elasticsearch.engine import ElasticsearchEngine
from indexer.engines.elasticsearch.names import Names
from indexer.engines.elasticsearch.settings import ElasticsearchSettings
from indexer.engines.elasticsearch.writer import ElasticsearchWriter
from indexer.engines.protocol import GenerationSpec, IndexDocument
from indexer.engines.query import Alternative, Facet, Scope, SearchQuery, TermGroup, Words
from indexer.errors import (
    ConfigurationError,
    ConflictError,
    CorruptionError,
    NotFoundError,
    StorageError,
    UnavailableError,
)
from indexer.fields import Schema

DIM = 4
SCHEMA = Schema(encoder="hashing")
LAMP = Words((TermGroup((Alternative(("lamp",)),)),))
LIMIT_S = 3.0
"""So long an answer may take that says that there is none: both budgets, and some for a slow machine."""


def direction(*values: float) -> np.ndarray:
    vector = np.zeros(DIM, np.float32)
    vector[: len(values)] = values
    return vector / np.linalg.norm(vector)


def lamp(
    number: int, change: int | None = None, title: str = "lamp", vector: np.ndarray | None = None
) -> IndexDocument:
    return IndexDocument(
        id=f"p{number}",
        change_number=number if change is None else change,
        texts={"title": {"en": title}},
        values={"brand": ("Alma",)},
        vector=direction(1, number) if vector is None else vector,
        source=b'{"id":"p%d"}' % number,
    )


@pytest.fixture
def proxy(elasticsearch_url: str) -> Iterator[Proxy]:
    with proxied(elasticsearch_url) as opened:
        yield opened


@pytest.fixture
def settings(proxy: Proxy) -> Iterator[ElasticsearchSettings]:
    made = ElasticsearchSettings(
        urls=(proxy.url,),
        prefix=f"test-{uuid.uuid4().hex[:12]}-",
        replicas=0,
        read_s=1.0,
        vector_s=0.5,
        retry_s=5.0,
        bulk_documents=10,
    )
    yield made
    remove_everything(replace(made, urls=(proxy.target,)))


@pytest.fixture
def engine(settings: ElasticsearchSettings) -> Iterator[ElasticsearchEngine]:
    made = ElasticsearchEngine(settings)
    yield made
    made.close()


@pytest.fixture
def shop(engine: ElasticsearchEngine) -> str:
    """A live index of twenty lamps."""
    engine.create(GenerationSpec("shop", 1, SCHEMA, "v1", DIM))
    engine.switch("shop", 1)
    with engine.writer("shop", 1) as writer:
        writer.write([lamp(number) for number in range(1, 21)])
        writer.commit(20)
    return "shop"


@pytest.fixture
def direct(settings: ElasticsearchSettings, proxy: Proxy) -> Iterator[Callable[..., Any]]:
    """Asks the real server."""
    cluster = Cluster(replace(settings, urls=(proxy.target,)))
    yield cluster.ask
    cluster.close()


# --- writing ---------------------------------------------------------------------------------------------------------


def refuse_times(proxy: Proxy, times: int, error: dict[str, Any], *, as_a_whole: bool = False) -> None:
    """The first bulks are refused as a whole, or every second document of them is."""
    left = [times]

    def script(asked: Asked) -> Answered | None:
        if "_bulk" not in asked.path or not left[0] or not as_a_whole:
            return None
        left[0] -= 1
        return Answered(429, {"error": error, "status": 429})

    def change(asked: Asked, answer: Any) -> Any:
        if "_bulk" not in asked.path or not left[0] or as_a_whole:
            return answer
        left[0] -= 1
        for item in answer["items"][::2]:
            item["index"] = {"status": 429, "error": error}
        return answer

    proxy.script, proxy.change = script, change


@pytest.mark.parametrize("as_a_whole", [True, False], ids=["whole bulks", "single documents"])
@pytest.mark.parametrize("kind", ["es_rejected_execution_exception", "circuit_breaking_exception"])
def test_a_busy_server_is_asked_again(
    engine: ElasticsearchEngine, proxy: Proxy, shop: str, kind: str, as_a_whole: bool
) -> None:
    refuse_times(proxy, 3, {"type": kind, "reason": "too much at once"}, as_a_whole=as_a_whole)
    with engine.writer(shop, 1) as writer:
        writer.write([lamp(number) for number in range(21, 51)])
        assert writer.commit(50) == {}
    assert engine.reader(shop, 1).count(LAMP, Scope()) == 50
    bulks = [asked for asked in proxy.asked if "_bulk" in asked.path]
    assert len(bulks) == 2 + 3 + 3  # twenty lamps at first; then three chunks, and three times again


def test_a_server_that_stays_busy_is_given_up_after_a_while_and_nothing_is_lost(
    settings: ElasticsearchSettings, proxy: Proxy, engine: ElasticsearchEngine, shop: str
) -> None:
    refuse_times(proxy, 1_000, {"type": "es_rejected_execution_exception", "reason": "queue is full"}, as_a_whole=True)
    hasty = ElasticsearchEngine(replace(settings, retry_s=0.5))
    began = time.monotonic()
    with hasty.writer(shop, 1) as writer:
        writer.write([lamp(21)])
        with pytest.raises(UnavailableError, match=r"1 products could not be written .* queue is full"):
            writer.commit(21)
    assert time.monotonic() - began < LIMIT_S
    proxy.script = lambda asked: None
    with hasty.writer(shop, 1) as writer:
        assert writer.change_number == 20
        writer.write([lamp(21)])
        writer.commit(21)
    hasty.close()
    assert engine.reader(shop, 1).document_count() == 21


def test_a_bulk_whose_answer_is_lost_is_sent_again_and_counts_once(
    settings: ElasticsearchSettings, proxy: Proxy, shop: str
) -> None:
    hasty = ElasticsearchEngine(replace(settings, write_s=0.5))
    lost = {"_bulk": 2, "_doc": 1}

    def change(asked: Asked, answer: Any) -> Any:
        for step in lost:
            if step in asked.path and asked.method != "GET" and lost[step]:
                lost[step] -= 1
                time.sleep(0.8)
        return answer

    proxy.change = change
    with hasty.writer(shop, 1) as writer:
        writer.write([lamp(21), lamp(22)])
        writer.commit(22)
    assert hasty.reader(shop, 1).document_count() == 22
    assert lost == {"_bulk": 0, "_doc": 0}
    hasty.close()


def test_a_document_that_cannot_be_taken_is_rejected_with_its_reason_and_found_no_more(
    engine: ElasticsearchEngine, shop: str
) -> None:
    with engine.writer(shop, 1) as writer:
        writer.write([lamp(1, change=21, vector=np.array([3, 0, 0, 0], np.float32)), lamp(22)])
        rejected = writer.commit(22)
    assert list(rejected) == ["p1"]
    assert "unit" in rejected["p1"]
    reader = engine.reader(shop, 1)
    assert reader.matching(None, Scope(), ["p1", "p22"]) == {"p22"}
    assert reader.document_count() == 20


def test_an_older_writer_never_wins(engine: ElasticsearchEngine, shop: str) -> None:
    """Two writers read the same state; the one with the older change is the last to commit."""
    with engine.writer(shop, 1) as late, engine.writer(shop, 1) as early:
        late.write([lamp(1, change=21, title="desk")])
        early.write([lamp(1, change=22, title="table")])
        early.delete({"p2": 23})
        early.commit(23)
        late.write([lamp(2, change=22, title="desk")])
        with pytest.raises(ConflictError, match="by another writer meanwhile, up to change 23"):
            late.commit(22)
    desk = Words((TermGroup((Alternative(("desk",)),)),))
    reader = engine.reader(shop, 1)
    assert reader.count(desk, Scope()) == 0
    assert reader.matching(None, Scope(), ["p1", "p2"]) == {"p1"}


def test_what_is_left_of_a_deleted_product_goes_after_a_day(
    settings: ElasticsearchSettings, engine: ElasticsearchEngine, shop: str, direct: Callable[..., Any]
) -> None:
    name, day_s = f"{settings.prefix}shop@1", 86_400
    cluster = Cluster(settings)
    commits = Commits(cluster, Names(settings.prefix))

    def commit(now_s: float, change: int, **deleted: int) -> None:
        writer = ElasticsearchWriter(cluster, commits, describe(cluster, name), live=True, clock=lambda: now_s)
        writer.delete(deleted)
        writer.commit(change)

    def left() -> int:
        direct("POST", name, "_refresh")
        return int(direct("GET", name, "_count", body={"query": {"term": {"deleted": True}}})["count"])

    start_s = time.time()
    commit(start_s, 22, p1=21, p2=22)
    commit(start_s + 0.9 * day_s, 23)
    assert left() == 2
    commit(start_s + 1.1 * day_s, 24, p3=24)
    assert left() == 1
    assert engine.reader(shop, 1).document_count() == 17
    # Elasticsearch goes on remembering for an hour.
    with engine.writer(shop, 1) as writer:
        writer.write([lamp(1, change=20)])
        writer.commit(25)
    assert engine.reader(shop, 1).document_count() == 17
    cluster.close()


@pytest.mark.parametrize("block", ["read_only_allow_delete", "read_only", "write"])
def test_a_read_only_index_is_named_and_writes_go_on_once_it_is_mended(
    engine: ElasticsearchEngine, shop: str, settings: ElasticsearchSettings, direct: Callable[..., Any], block: str
) -> None:
    name = f"{settings.prefix}shop@1"
    direct("PUT", name, "_settings", body={f"index.blocks.{block}": True})
    with engine.writer(shop, 1) as writer:
        writer.write([lamp(21)])
        with pytest.raises(StorageError, match=rf"{name} is read-only in Elasticsearch .*make room") as raised:
            writer.commit(21)
        assert not isinstance(raised.value, UnavailableError)  # waiting does not mend it
    reader = engine.reader(shop, 1)
    assert reader.count(LAMP, Scope()) == 20
    assert [problem for problem in reader.damage() if f"index.blocks.{block}" in problem]
    direct("PUT", name, "_settings", body={f"index.blocks.{block}": None})
    with engine.writer(shop, 1) as writer:
        writer.write([lamp(21)])
        writer.commit(21)
    reader.refresh()
    assert reader.count(LAMP, Scope()) == 21
    assert reader.damage() == []


def test_an_index_that_was_removed_does_not_come_back_without_its_mapping(
    engine: ElasticsearchEngine, shop: str, settings: ElasticsearchSettings, direct: Callable[..., Any]
) -> None:
    name = f"{settings.prefix}shop@1"
    with engine.writer(shop, 1) as writer:
        writer.write([lamp(21)])
        direct("DELETE", name)
        with pytest.raises(NotFoundError, match="rebuild"):
            writer.commit(21)
    assert engine.generations(shop) == []
    # One of the same name begins with nothing.
    engine.create(GenerationSpec(shop, 1, SCHEMA, "v1", DIM))
    with engine.writer(shop, 1) as writer:
        assert writer.change_number == 0


def test_without_its_commits_an_index_is_brought_up_to_date_anew(
    engine: ElasticsearchEngine, shop: str, settings: ElasticsearchSettings, direct: Callable[..., Any]
) -> None:
    direct("DELETE", f"{settings.prefix}@commits")
    with engine.writer(shop, 1) as writer:
        assert writer.change_number == 0
        writer.write([lamp(number) for number in range(1, 22)])
        writer.commit(21)
    reader = engine.reader(shop, 1)
    assert (reader.document_count(), reader.change_number) == (21, 21)


# --- reading ---------------------------------------------------------------------------------------------------------

HYBRID = SearchQuery(LAMP, vector=direction(1, 1), vector_k=3, facets=(Facet("brand"),))


def has_vector(asked: Asked) -> bool:
    return b'"knn"' in asked.body


@pytest.mark.parametrize("later", [False, True], ids=["a vector", "a vector that comes later"])
def test_words_answer_where_the_vector_side_is_late(
    engine: ElasticsearchEngine, proxy: Proxy, shop: str, later: bool
) -> None:
    reader = engine.reader(shop, 1)
    whole = reader.search(HYBRID)
    assert whole.degraded == ()
    assert len(whole.neighbours) == 3
    proxy.delay_s = lambda asked: 1.0 if has_vector(asked) else 0.0
    query = HYBRID
    if later:
        pending: Future[np.ndarray | None] = Future()
        pending.set_result(direction(1, 1))
        query = replace(HYBRID, vector=pending)
    began = time.monotonic()
    result = reader.search(query)
    assert time.monotonic() - began < LIMIT_S
    assert [stage for stage, _ in result.degraded] == ["vector"]
    assert "0.5 s" in result.degraded[0][1]
    assert (result.total, result.lexical_total, result.neighbours) == (20, 20, ())
    assert result.lexical == whole.lexical
    assert result.facets[0].counts == (("Alma", 20),)
    proxy.delay_s = lambda asked: 0.0
    assert reader.search(query).degraded == ()


def test_words_answer_where_the_vector_side_fails(engine: ElasticsearchEngine, proxy: Proxy, shop: str) -> None:
    reader = engine.reader(shop, 1)

    def change(asked: Asked, answer: Any) -> Any:
        if has_vector(asked):
            answer["responses"][0] = {
                "error": {"type": "circuit_breaking_exception", "reason": "no memory"},
                "status": 429,
            }
        return answer

    proxy.change = change
    result = reader.search(HYBRID)
    assert result.degraded == (("vector", "circuit_breaking_exception: no memory"),)
    assert (result.total, len(result.lexical)) == (20, 20)
    assert result.facets[0].counts == (("Alma", 20),)
    alone = reader.search(replace(HYBRID, words=None))
    assert (alone.total, alone.lexical, [stage for stage, _ in alone.degraded]) == (0, (), ["vector"])


def test_totals_are_said_to_be_partial_where_a_shard_does_not_answer(
    engine: ElasticsearchEngine, proxy: Proxy, shop: str
) -> None:
    reader = engine.reader(shop, 1)

    def change(asked: Asked, answer: Any) -> Any:
        for response in answer.get("responses", ()) if "_msearch" in asked.path else ():
            response["_shards"] = {"total": 3, "successful": 2, "skipped": 0, "failed": 1, "failures": []}
        return answer

    proxy.change = change
    assert reader.search(SearchQuery(LAMP)).degraded == (
        ("totals", "1 of 3 shards did not answer: totals and lists are partial"),
    )
    assert [stage for stage, _ in reader.search(HYBRID).degraded] == ["totals"]


def test_a_snapshot_that_expired_is_taken_anew(
    engine: ElasticsearchEngine, proxy: Proxy, shop: str, direct: Callable[..., Any]
) -> None:
    reader = engine.reader(shop, 1)
    reader.search(HYBRID)
    body = next(asked.body for asked in reversed(proxy.asked) if "_msearch" in asked.path)
    direct("DELETE", "_pit", body={"id": orjson.loads(body.splitlines()[1])["pit"]["id"]})
    assert reader.search(HYBRID).total == 20
    assert reader.sources(["p1"]) == [b'{"id":"p1"}']


# --- what it is, and what is in it -----------------------------------------------------------------------------------


def test_another_product_is_named(engine: ElasticsearchEngine, proxy: Proxy) -> None:
    proxy.script = lambda asked: Answered(200, {"version": {"distribution": "opensearch", "number": "3.1.0"}}, False)
    with pytest.raises(ConfigurationError, match=r"no Elasticsearch.*OpenSearch") as raised:
        engine.live("shop")
    assert engine.problems() == [str(raised.value)]


def test_an_old_version_is_named(engine: ElasticsearchEngine, proxy: Proxy) -> None:
    proxy.script = lambda asked: Answered(200, {"version": {"number": "8.19.2"}}) if asked.path == "/" else None
    with pytest.raises(ConfigurationError, match=r"version 8\.19\.2; 9 or later is wanted"):
        engine.live("shop")


def test_wrong_credentials_are_named(engine: ElasticsearchEngine, proxy: Proxy) -> None:
    error = {"type": "security_exception", "reason": "unable to authenticate with provided credentials"}
    proxy.script = lambda asked: Answered(401, {"error": {"root_cause": [error], **error}, "status": 401})
    with pytest.raises(ConfigurationError, match="set an API key"):
        engine.live("shop")


def test_it_is_asked_by_tls_with_an_api_key(elasticsearch_url: str, tmp_path: Path) -> None:
    certificate = tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", certificate, "-out", tmp_path / "public.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    with open(certificate, "a") as file:
        file.write((tmp_path / "public.pem").read_text())
    with proxied(elasticsearch_url, certificate) as proxy:
        settings = ElasticsearchSettings(
            urls=(proxy.url,), prefix="tls-", api_key="aHVzaA==", ca_file=str(tmp_path / "public.pem")
        )
        engine = ElasticsearchEngine(settings)
        assert engine.live("shop") is None
        assert {asked.authorization for asked in proxy.asked} == {"ApiKey aHVzaA=="}
        engine.close()
        distrusting = ElasticsearchEngine(replace(settings, ca_file=""))
        with pytest.raises(UnavailableError, match=r"CERTIFICATE_VERIFY_FAILED.*certificate"):
            distrusting.live("shop")
        distrusting.close()


def test_a_missing_alias_and_one_that_others_moved(
    engine: ElasticsearchEngine, shop: str, settings: ElasticsearchSettings, direct: Callable[..., Any]
) -> None:
    engine.create(GenerationSpec(shop, 2, SCHEMA, "v1", DIM))
    alias = f"{settings.prefix}shop"
    direct("POST", "_aliases", body={"actions": [{"add": {"index": f"{alias}@2", "alias": alias}}]})
    with pytest.raises(CorruptionError, match=r"points at .*@1, .*@2 instead of one"):
        engine.live(shop)
    engine.switch(shop, 2)
    assert engine.live(shop) == 2
    direct("DELETE", f"{alias}@2", "_alias", alias)
    assert engine.live(shop) is None
    engine.switch(shop, 1)
    assert engine.live(shop) == 1


def test_what_others_changed_in_a_document_is_noticed(
    engine: ElasticsearchEngine, shop: str, settings: ElasticsearchSettings, direct: Callable[..., Any]
) -> None:
    name = f"{settings.prefix}shop@1"
    direct("POST", name, "_update", "p1", body={"doc": {"source": '{"id":"p2"}'}}, params={"refresh": "true"})
    direct("POST", name, "_update", "p2", body={"doc": {"vector": [0, 0, 0, 1]}}, params={"refresh": "true"})
    reader = engine.reader(shop, 1)
    with pytest.raises(CorruptionError, match=r"'p1'.*rebuild"):
        reader.sources(["p1"])
    with pytest.raises(CorruptionError, match="vector of the product 'p2'"):
        reader.vectors(["p2"])
    assert reader.sources(["p3"]) == [b'{"id":"p3"}']
    (damage,) = reader.damage()
    assert "2 of 20 products" in damage


def test_nothing_outside_the_prefix_is_touched(
    engine: ElasticsearchEngine, shop: str, settings: ElasticsearchSettings, direct: Callable[..., Any]
) -> None:
    other = f"{settings.prefix}shop@new"
    direct("PUT", other, body={})
    assert engine.generations(shop) == [1]
    engine.drop_index(shop)
    assert engine.generations(shop) == []
    assert engine.live(shop) is None
    assert direct("GET", other, missing=None) is not None
    assert engine.strays([]) == []
    assert engine.outdated() == []


# --- a server of one's own that comes and goes -----------------------------------------------------------------------


@pytest.fixture
def own_server(tmp_path: Path, elasticsearch_home: Path) -> Iterator[OwnServer]:
    server = OwnServer(elasticsearch_home, tmp_path / "elasticsearch")
    server.start()
    yield server
    server.stop()


@pytest.mark.timeout(240)
def test_it_is_stopped_killed_and_started_again(own_server: OwnServer) -> None:
    settings = ElasticsearchSettings(
        urls=(own_server.url,), prefix="test-", replicas=0, read_s=2.0, connect_s=0.5, retry_s=90.0, bulk_documents=20
    )
    engine = ElasticsearchEngine(settings)
    engine.create(GenerationSpec("shop", 1, SCHEMA, "v1", DIM))
    engine.switch("shop", 1)
    with engine.writer("shop", 1) as writer:
        writer.write([lamp(number) for number in range(1, 101)])
        writer.commit(100)
    reader = engine.reader("shop", 1)
    assert reader.search(HYBRID).total == 100

    own_server.stop()
    for ask in (lambda: reader.search(HYBRID), lambda: engine.live("shop"), reader.refresh):
        began = time.monotonic()
        with pytest.raises(UnavailableError, match=r"cannot be reached|does not answer"):
            ask()
        assert time.monotonic() - began < LIMIT_S
    own_server.start()
    recovered = _until_it_answers(lambda: reader.search(HYBRID))
    assert recovered.total == 100  # the same reader, without a restart of anything here

    # Killed while a commit is under way, which goes on by itself once it is back.
    acknowledged: list[int] = []

    def write() -> None:
        with engine.writer("shop", 1) as writer:
            for batch in range(10):
                first = 101 + 100 * batch
                writer.write([lamp(number) for number in range(first, first + 100)])
                writer.commit(first + 99)
                acknowledged.append(first + 99)

    thread = threading.Thread(target=write)
    thread.start()
    while len(acknowledged) < 2:
        time.sleep(0.002)
    own_server.kill()
    own_server.start()
    thread.join(120)
    assert acknowledged[-1] == 1_100
    _until_it_answers(lambda: engine.live("shop"))
    reader.refresh()
    assert reader.change_number == 1_100
    assert reader.document_count() == 1_100
    assert reader.damage() == []
    reader.close()
    engine.close()


@pytest.fixture
def trio(tmp_path: Path, elasticsearch_home: Path) -> Iterator[list[OwnServer]]:
    ports = [free_port() for _ in range(3)]
    seeds = ",".join(f"127.0.0.1:{port + 100}" for port in ports)
    together = ("--cluster-name", f"trio-{ports[0]}", "--seed-hosts", seeds)
    servers = [OwnServer(elasticsearch_home, tmp_path / str(port), port, *together) for port in ports]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(OwnServer.start, servers))
    yield servers
    for server in servers:
        server.stop()


@pytest.mark.long
@pytest.mark.timeout(300)
def test_one_node_of_three_is_lost(trio: list[OwnServer]) -> None:
    settings = ElasticsearchSettings(
        urls=tuple(server.url for server in trio), prefix="test-", shards=3, replicas=1, connect_s=0.5, read_s=5.0
    )
    engine, numbers = ElasticsearchEngine(settings), range(1, 201)
    # A second index has no copies: what the lost node had of it is missing.
    alone = ElasticsearchEngine(replace(settings, prefix="alone-", replicas=0))
    for each in (engine, alone):
        each.create(GenerationSpec("shop", 1, SCHEMA, "v1", DIM))
        each.switch("shop", 1)
        with each.writer("shop", 1) as writer:
            writer.write([lamp(number) for number in numbers])
            writer.commit(200)
    cluster = Cluster(settings)
    cluster.ask("GET", "_cluster", "health", params={"wait_for_status": "green", "timeout": "60s"}, timeout_s=70.0)
    shards = cluster.ask("GET", "_cat", "shards", "alone-shop@1", params={"format": "json", "h": "node,state"})
    lost = next(server for server in trio if f"node-{server.port}" == shards[0]["node"])
    reader, without = engine.reader("shop", 1), alone.reader("shop", 1)
    assert reader.search(HYBRID).total == without.search(HYBRID).total == 200

    lost.kill()
    whole = _until_it_answers(lambda: reader.search(HYBRID))
    for _ in range(100):  # until the others have noticed, an answer may lack something, and says so
        if not whole.degraded:
            break
        time.sleep(0.2)
        reader.refresh()
        whole = reader.search(HYBRID)
    assert (whole.total, whole.degraded) == (200, ())
    part = _until_it_answers(lambda: without.search(HYBRID))
    assert part.total < 200
    assert [stage for stage, _ in part.degraded] == ["totals"]
    assert "shards did not answer" in part.degraded[0][1]
    while not any("lacks 1 shards" in problem for problem in without.damage()):
        time.sleep(0.2)  # until the others have noticed
    with engine.writer("shop", 1) as writer:
        writer.write([lamp(201)])
        writer.commit(201)
    reader.refresh()
    assert reader.document_count() == 201

    lost.start()
    cluster.ask("GET", "_cluster", "health", params={"wait_for_status": "green", "timeout": "60s"}, timeout_s=70.0)
    without.refresh()
    again = without.search(HYBRID)
    assert (again.total, again.degraded) == (200, ())
    assert engine.problems() == []
    for each in (engine, alone, cluster):
        each.close()


def _until_it_answers(ask: Callable[[], Any]) -> Any:
    for _ in range(100):
        try:
            return ask()
        except UnavailableError:
            time.sleep(0.2)
    return ask()
