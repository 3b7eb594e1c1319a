"""Measuring ranking quality from the command line, by either protocol."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import orjson

from indexer.files import disk_errors
from indexer.product import text_in
from indexer.store.protocol import CatalogueStore
from indexer.store.records import MAX_BATCH
from reranker.evaluation.bounds import write_unjudged
from reranker.evaluation.catalogue import Search, evaluate_catalogue, random_search
from reranker.evaluation.evaluation import Evaluation
from reranker.evaluation.judged_only import HYBRID, VECTOR, evaluate_judged
from reranker.evaluation.judgments import Judgments, read_judgments
from reranker.evaluation.protocols import BM25, RANDOM
from reranker.evaluation.ranking import Scored
from reranker.evaluation.summary import to_json
from search.cli.evaluation_text import print_evaluation
from search.cli.exits import Failure
from search.cli.importing import NO_ENCODER
from search.cli.output import count, print_json
from search.cli.progress import CommandProgress, following
from search.cli.session import Session, only_index
from search.request import Mode, SearchRequest, resolve
from search.searcher import IndexSearcher

TitleOf = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Output:
    """Where the figures go.

    Args:
        report: an HTML file, None for none.
        unjudged: where results that nobody judged are listed, None for the usual place.
        as_json: whether stdout is for programs.
    """

    report: Path | None
    unjudged: Path | None
    as_json: bool


def evaluate_index(
    session: Session, index: str, file: Path, lowest: float | None, modes: Sequence[str], output: Output
) -> None:
    """Measures the index's rankings by the catalogue protocol and prints the figures.

    Args:
        index: "" for the only one.
        file: judgments as CSV.
        lowest: grade of the scale, None for the lowest in the file.
        modes: beside random and bm25; () for all.

    Raises:
        JudgmentsError, EvaluationError: the file is wrong, or too little remains to measure.
        Failure: the index has none of the judged products.
    """
    judgments = read_judgments(file, lowest)
    with session.existing() as services:
        name = index or only_index(services)
        searcher = services.searcher(name)
        ids = _all_ids(services.catalogue, name)
        _check_known(judgments, ids, name)
        systems: dict[str, Search] = {RANDOM: random_search(ids), BM25: searched(searcher, Mode.LEXICAL)}
        wanted = [mode for mode in (VECTOR, HYBRID) if not modes or mode in modes]
        if searcher.encoder is not None:
            systems.update({mode: searched(searcher, Mode(mode)) for mode in wanted})
        else:
            click.echo(f"Left out, since {name} has no text encoder: {', '.join(wanted)}", err=True)
        with following(session.shows_progress and not output.as_json) as progress:
            evaluation = evaluate_catalogue(judgments, systems, progress=_counting(progress, "searching"))
        usual = session.config.data_dir / "evaluations" / f"{name}.unjudged.csv"
        _hand_over(evaluation, _titles(searcher), file, output, usual)


def evaluate_judged_only(
    session: Session, file: Path, lowest: float | None, encoder: str | None, output: Output
) -> None:
    """Measures by the judged protocol, without an index, and prints the figures.

    Args:
        encoder: "none" for none, None for that of the settings.

    Raises:
        JudgmentsError, EvaluationError: as in `evaluate_index`, or a product has no text.
    """
    judgments = read_judgments(file, lowest)
    name = session.config.text_model if encoder is None else encoder
    with session.services() as services, following(session.shows_progress and not output.as_json) as progress:
        model = None if name in ("", NO_ENCODER) else services.encoder(name)
        evaluation = evaluate_judged(judgments, encoder=model, progress=_counting(progress, "encoding"))
    _hand_over(evaluation, judgments.title_of, file, output)


def searched(searcher: IndexSearcher, mode: Mode) -> Search:
    """What an evaluation asks of an index."""

    def search(query: str, k: int) -> Sequence[Scored]:
        request = SearchRequest(q=query, mode=mode, page_size=k, fields=())
        response = searcher.search(resolve(request, searcher.schema))
        # What counts is the order, which full and relaxed matches share; equal scores next to each other stay ties.
        place, scored = 0, []
        for before, hit in zip((None, *response.hits), response.hits, strict=False):
            place -= before is None or hit.score != before.score
            scored.append((hit.id, float(place)))
        return scored

    return search


def _all_ids(catalogue: CatalogueStore, index: str) -> list[str]:
    ids: list[str] = []
    while chunk := catalogue.ids(index, ids[-1] if ids else "", MAX_BATCH):
        ids += chunk
    return ids


def _check_known(judgments: Judgments, ids: Sequence[str], index: str) -> None:
    """Tells of judged products that the index does not have: they can only be missed.

    Raises:
        Failure: it has none of them.
    """
    judged = {product_id for grades in judgments.grades.values() for product_id in grades}
    unknown = judged.difference(ids)
    if unknown == judged:
        raise Failure(
            f"index {index!r} has none of the {count(len(judged), 'judged product')} (such as {min(judged)!r}): is it "
            "the index that was judged, with the same ids?"
        )
    if unknown:
        click.echo(f"{len(unknown):,} of {count(len(judged), 'judged product')} are not in the index", err=True)


def _titles(searcher: IndexSearcher) -> TitleOf:
    def title_of(product_id: str) -> str:
        source = searcher.reader.sources([product_id])[0]
        language = searcher.schema.language
        return "" if source is None else text_in(orjson.loads(source).get("title", ""), language, language)

    return title_of


def _counting(progress: CommandProgress, name: str) -> Callable[[int, int], None]:
    """Progress by (done, total), as evaluations report it."""
    seen = 0

    def count_up(done: int, total: int) -> None:
        nonlocal seen
        if not seen:
            progress.stage(name, total)
        progress.advance(done - seen)
        seen = done

    return count_up


def _hand_over(
    evaluation: Evaluation, title_of: TitleOf, file: Path, output: Output, usual_unjudged: Path | None = None
) -> None:
    unjudged: Path | None = None
    if evaluation.bounds is not None:
        unjudged = output.unjudged or usual_unjudged
    with disk_errors(output.report or unjudged or file):
        if unjudged is not None and evaluation.bounds is not None:
            unjudged.parent.mkdir(parents=True, exist_ok=True)
            write_unjudged(unjudged, evaluation.bounds.unjudged)
        if output.report is not None:
            # Its plots need a library that takes a second to load.
            from reranker.evaluation.report import write_report

            write_report(output.report, evaluation, title_of, source=file.name)
    if output.as_json:
        print_json(to_json(evaluation))
    else:
        print_evaluation(evaluation, output.report, unjudged)
