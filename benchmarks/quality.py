"""Which fusion measures best, by cross-validation, and what the defaults achieve.

    python benchmarks/quality.py [--folds 5]

Catalogue protocol on Icecat: every choice of fusion, its weight and the tie breaker of the words is tried; the choice
of each fold is the one that is best on the *other* folds' queries (grouped, so that near-duplicates stay together), and
the figures of "cross-validated" are those of the held-out queries under the choices of their folds, pooled. Words
(lexical) and hybrid choose apart. The row "defaults" is the product as it is installed.
Judged protocol on Home Depot: the same fusions over each query's judged products, chosen in the same way.
Writes benchmarks/results/quality.json.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shops import WORK, icecat_feed, imported, open_shop, shared, write

from indexer.engines.query import Hit
from reranker.evaluation.catalogue import evaluate_catalogue, random_search
from reranker.evaluation.evaluation import Evaluation
from reranker.evaluation.intervals import difference, interval, resampled_means
from reranker.evaluation.judged_only import evaluate_judged
from reranker.evaluation.judgments import read_judgments
from reranker.evaluation.protocols import BM25, CONDENSED, JUDGED, NDCG, RANDOM, RECALL
from reranker.evaluation.splits import grouped_folds
from search.cli.evaluating import searched
from search.fuse import fuse
from search.request import Mode
from search.searcher import IndexSearcher
from search.services import Services
from search.settings import Fusion, Ranking

TIE_BREAKERS = (0.0, 0.1, 0.2, 0.3)
FUSIONS = (
    *((Fusion.RRF, k, weight) for k in (20, 60) for weight in (0.3, 0.5, 0.7, 1.0)),
    *((Fusion.WEIGHTED_SUM, 60, weight) for weight in (0.2, 0.4, 0.6, 0.8, 1.0)),
)
DEFAULTS = "defaults"

Values = Mapping[str, NDArray[np.float64]]
"""By metric one value a query."""


def main() -> None:
    """Measures, prints and writes."""
    parser = argparse.ArgumentParser(description="Cross-validated quality of fusion.")
    parser.add_argument("--folds", type=int, default=5)
    options = parser.parse_args()
    with open_shop(WORK / "icecat") as services:
        imported(services, "icecat", icecat_feed())
        result = {"icecat": icecat(services, options.folds), "homedepot": homedepot(services, options.folds)}
    write("quality", result)


def icecat(services: Services, folds: int) -> dict[str, Any]:
    """The catalogue protocol."""
    searcher = services.searcher("icecat")
    ids: list[str] = []
    while batch := services.catalogue.ids("icecat", ids[-1] if ids else "", 500):
        ids += batch
    default = Ranking()
    systems = {RANDOM: random_search(ids), BM25: searched(searcher, Mode.LEXICAL)}
    systems |= {
        f"hybrid {DEFAULTS}": searched(searcher, Mode.HYBRID),
        f"vector {DEFAULTS}": searched(searcher, Mode.VECTOR),
    }
    lexical, hybrid = [], []
    for tie_breaker in TIE_BREAKERS:
        ranking = replace(default, tie_breaker=tie_breaker)
        lexical.append(f"lexical tie {tie_breaker}")
        systems[lexical[-1]] = searched(IndexSearcher(searcher.reader, ranking, searcher.encoder), Mode.LEXICAL)
        for fusion, k, weight in FUSIONS:
            ranking = replace(default, tie_breaker=tie_breaker, fusion=fusion, rrf_k=k, vector_weight=weight)
            hybrid.append(f"hybrid tie {tie_breaker} {_name(fusion, k, weight)}")
            systems[hybrid[-1]] = searched(IndexSearcher(searcher.reader, ranking, searcher.encoder), Mode.HYBRID)
    evaluation = evaluate_catalogue(read_judgments(shared("icecat", "judgments.csv")), systems)
    chosen, picks = {}, {}
    for kind, names in (("lexical", lexical), ("hybrid", hybrid)):
        chosen[kind], picks[kind] = cross_validated(evaluation, names, folds)
    left_out = ", ".join(f"{count} with {reason}" for reason, count in evaluation.left_out.items())
    print(f"\nIcecat, catalogue protocol: {len(evaluation.queries)} queries ({left_out} left out), {folds} folds")
    metrics = (NDCG, CONDENSED, JUDGED, RECALL)
    rows: dict[str, Values] = {
        "random": evaluation.systems[RANDOM].values,
        "vector, defaults": evaluation.systems[f"vector {DEFAULTS}"].values,
        "lexical, defaults (bm25)": evaluation.systems[BM25].values,
        "lexical, cross-validated": chosen["lexical"],
        "hybrid, defaults": evaluation.systems[f"hybrid {DEFAULTS}"].values,
        "hybrid, cross-validated": chosen["hybrid"],
    }
    table = _table(rows, metrics)
    print("\nhybrid less lexical        difference  95 % interval    shown from")
    differences = {}
    for kind, ours, theirs in (
        ("defaults", rows["hybrid, defaults"], rows["lexical, defaults (bm25)"]),
        ("cross-validated", chosen["hybrid"], chosen["lexical"]),
    ):
        for metric in (NDCG, CONDENSED):
            differences[f"{kind} {metric}"] = _print_difference(f"{kind}, {metric}", ours[metric], theirs[metric])
    print("\nbest of all choices on all queries (optimistic):")
    for name in sorted(hybrid, key=lambda name: -_mean(evaluation, name, NDCG))[:5]:
        print(f"  {name:<42} {_mean(evaluation, name, NDCG):.3f}  {_mean(evaluation, name, CONDENSED):.3f}")
    for kind, names in picks.items():
        print(f"{kind} choices of the folds: {'; '.join(names)}")
    return {
        "queries": len(evaluation.queries),
        "rows": table,
        "differences": differences,
        "choices": picks,
        "grid": {name: {m: _mean(evaluation, name, m) for m in metrics} for name in (*lexical, *hybrid)},
    }


def homedepot(services: Services, folds: int) -> dict[str, Any]:
    """The judged protocol."""
    judgments = read_judgments(shared("homedepot", "judgments.csv.gz"))
    encoder = services.searcher("icecat").encoder
    names = [_name(*choice) for choice in FUSIONS]
    evaluations = {}
    print("\nHome Depot: encoding once for each fusion's row", flush=True)
    if encoder is None:
        raise SystemExit("the index has no encoder")
    remembered = _Remembered(encoder)
    for name, (fusion, k, weight) in zip(names, FUSIONS, strict=True):
        evaluations[name] = evaluate_judged(judgments, encoder=remembered, fuse=_product_fusion(fusion, k, weight))
    plain = evaluate_judged(judgments, encoder=remembered)
    queries = plain.queries
    fused = {name: evaluation.systems["hybrid"].values for name, evaluation in evaluations.items()}
    pooled, picks = _pooled(queries, fused, folds)
    default = Ranking()
    rows: dict[str, Values] = {
        "random": plain.systems[RANDOM].values,
        "bm25": plain.systems[BM25].values,
        "vector": plain.systems["vector"].values,
        "hybrid, sum of z-scores": plain.systems["hybrid"].values,
        "hybrid, defaults": fused[_name(default.fusion, default.rrf_k, default.vector_weight)],
        "hybrid, cross-validated": pooled,
    }
    print(f"\nHome Depot, judged protocol: {len(queries)} queries, {folds} folds")
    table = _table(rows, (NDCG,))
    print("\nless bm25                  difference  95 % interval    shown from")
    differences = {
        name: _print_difference(name, rows[name][NDCG], rows["bm25"][NDCG])
        for name in rows
        if name.startswith("hybrid")
    }
    print(f"choices of the folds: {'; '.join(picks)}")
    return {"queries": len(queries), "rows": table, "differences": differences, "choices": picks}


def cross_validated(evaluation: Evaluation, names: Sequence[str], folds: int) -> tuple[Values, list[str]]:
    """(the held-out queries' values under the choice of their fold, the choices)."""
    return _pooled(evaluation.queries, {name: evaluation.systems[name].values for name in names}, folds)


def _pooled(queries: Sequence[str], values: Mapping[str, Values], folds: int) -> tuple[Values, list[str]]:
    place = {query: row for row, query in enumerate(queries)}
    metrics = next(iter(values.values())).keys()
    pooled = {metric: np.zeros(len(queries)) for metric in metrics}
    picks = []
    for fold in grouped_folds(queries, folds):
        train, test = [place[query] for query in fold.train], [place[query] for query in fold.test]
        best = max(values, key=lambda name: float(values[name][NDCG][train].mean()))
        picks.append(best)
        for metric in metrics:
            pooled[metric][test] = values[best][metric][test]
    return pooled, picks


class _Remembered:
    """An encoder that encodes each text once."""

    def __init__(self, encoder: Any) -> None:
        self._encoder = encoder
        self._known: dict[tuple[str, str], NDArray[np.float32]] = {}

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._vectors("query", texts, self._encoder.encode_queries)

    def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._vectors("document", texts, self._encoder.encode_documents)

    def _vectors(self, kind: str, texts: Sequence[str], encode: Any) -> NDArray[np.float32]:
        new = list(dict.fromkeys(text for text in texts if (kind, text) not in self._known))
        if new:
            self._known.update(zip(((kind, text) for text in new), encode(new), strict=True))
        return np.stack([self._known[kind, text] for text in texts])


def _product_fusion(fusion: Fusion, k: int, weight: float) -> Any:
    """The product's own fusion over one query's judged items: an item without any of the words is no lexical match."""

    def scores(bm25: NDArray[np.floating[Any]], cosines: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        lexical = [Hit(str(i), float(bm25[i]), 0) for i in np.argsort(-bm25, kind="stable") if bm25[i] > 0]
        near = [Hit(str(i), float(cosines[i]), 0) for i in np.argsort(-cosines, kind="stable")]
        result = np.zeros(len(bm25))
        for one in fuse(lexical, near, method=fusion, vector_weight=weight, rrf_k=k):
            result[int(one.id)] = one.score
        return result

    return scores


def _name(fusion: Fusion, k: int, weight: float) -> str:
    return f"rrf k {k} weight {weight}" if fusion is Fusion.RRF else f"sum weight {weight}"


def _mean(evaluation: Evaluation, name: str, metric: str) -> float:
    return evaluation.systems[name].mean(metric)


def _table(rows: Mapping[str, Values], metrics: Sequence[str]) -> dict[str, dict[str, Any]]:
    print(f"{'':<26}" + "".join(f"{metric:>28}" for metric in metrics))
    table: dict[str, dict[str, Any]] = {}
    for name, values in rows.items():
        cells, table[name] = "", {}
        for metric in metrics:
            ends = interval(resampled_means(values[metric][:, None])[:, 0])
            mean = float(values[metric].mean())
            table[name][metric] = {"mean": mean, "lo": ends.lo, "hi": ends.hi}
            cells += f"{f'{mean:.3f} [{ends.lo:.3f}, {ends.hi:.3f}]':>28}"
        print(f"{name:<26}{cells}")
    return table


def _print_difference(name: str, ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> dict[str, float]:
    means = resampled_means(np.column_stack([ours, theirs]))
    found = difference(ours, theirs, means[:, 0], means[:, 1])
    print(f"{name:<28} {found.diff:+.4f}   [{found.lo:+.4f}, {found.hi:+.4f}]   {found.mdd:.4f}")
    return {"diff": found.diff, "lo": found.lo, "hi": found.hi, "mdd": found.mdd}


if __name__ == "__main__":
    main()
