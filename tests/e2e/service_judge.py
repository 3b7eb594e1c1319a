"""The judge: what the service holds against what it acknowledged, and what it finds against what it holds."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

from service_client import Shop
from service_ledger import state_of, title

_SHOWN = 3
_PAGE = 200
_AT_ONCE = 10
_UNFINISHED = "state=queued&state=running&limit=1000"

States = dict[str, tuple[int, int]]


def judge(shop: Shop, limit_s: float, every: int = 1) -> list[str]:
    """What is wrong once nobody writes any more; empty where nothing is.

    Args:
        limit_s: within which all tasks end, and all that is written is searchable.
        every: of how many products one is searched for by its words, beside those of each writer's own; all are
            browsed.
    """
    problems = [*_unfinished(shop, limit_s), *_failed(shop)]
    held = _catalogue(shop)
    problems += [f"lost: {problem}" for problem in _few(shop.ledger.settle(held))]
    problems += [*_pages(shop, held), *_words(shop, held, every), *_generations(shop)]
    problems += shop.ledger.problems
    shop.ledger.problems = []
    return problems


def _unfinished(shop: Shop, limit_s: float) -> Iterator[str]:
    """Waits until all tasks have ended and the index is where the catalogue is."""
    end = time.monotonic() + limit_s
    while True:
        tasks = shop.service.ok("GET", f"/v1/tasks?index={shop.index}&{_UNFINISHED}")["tasks"]
        shown = shop.service.ok("GET", shop.path)
        reached = next((each["change_number"] for each in shown["generations"] if each["state"] == "live"), 0)
        if not tasks and reached == shown["change_number"]:
            return
        if time.monotonic() > end:
            break
        time.sleep(0.05)
    if tasks:
        first = tasks[-1]
        told = f"task {first['number']} ({first['kind']}) is {first['state']} after {first['attempts']} attempts"
        yield f"{len(tasks)} tasks do not end within {limit_s:.0f} s, such as {told}: {first['error']}"
    if reached != shown["change_number"]:
        yield f"the index is at change {reached} after {limit_s:.0f} s, the catalogue at {shown['change_number']}"


def _failed(shop: Shop) -> Iterator[str]:
    """No task fails because a process was killed."""
    path = f"/v1/tasks?index={shop.index}&state=failed&state=cancelled&limit=1000"
    tasks = [task for task in shop.service.ok("GET", path)["tasks"] if task["number"] > shop.judged_tasks]
    for task in tasks:
        shop.judged_tasks = max(shop.judged_tasks, task["number"])
        yield f"task {task['number']} ({task['kind']}) is {task['state']}: {task['error']}"


def _catalogue(shop: Shop) -> States:
    """All products of the catalogue."""
    request = urllib.request.Request(
        f"{shop.service.address}{shop.path}/documents", headers={"Accept": "application/x-ndjson"}
    )
    states: States = {}
    with urllib.request.urlopen(request, timeout=60) as answer:
        for line in answer:
            product = json.loads(line)
            cents = product["offers"]["default"]["price"]
            states[product["id"]] = state_of(product["id"], product["title"], cents)
    return states


def _pages(shop: Shop, held: States) -> Iterator[str]:
    """Browses all that is found."""
    found: States = {}
    path = f"{shop.path}/search?page_size={_PAGE}&fields=id,title,price"
    answer = shop.service.ok("GET", path)
    total = answer["total"]
    while True:
        for hit in answer["hits"]:
            if hit["id"] in found:
                yield f"{hit['id']} is on two pages"
            found[hit["id"]] = _shown_state(hit)
        if not answer["next_cursor"]:
            break
        answer = shop.service.ok("GET", f"{shop.path}/search?cursor={answer['next_cursor']}")
    if total != len(held):
        yield f"the index counts {total} products, the catalogue has {len(held)}"
    both = found.keys() & held.keys()
    stale = [f"stale: {id_} is found as {found[id_]}, held as {held[id_]}" for id_ in both if found[id_] != held[id_]]
    yield from _few(stale)
    yield from _few([f"found though it is deleted: {id_}" for id_ in found.keys() - held.keys()])
    yield from _few([f"not found: {id_}" for id_ in held.keys() - found.keys()])


def _words(shop: Shop, held: States, every: int) -> Iterator[str]:
    """Each product is found by its word and its price together: its text and its values are of one version."""
    ids = [id_ for place, id_ in enumerate(sorted(held)) if place % every == 0 or id_[0] == "w"]
    wrong = []
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        searches = [_search(shop.index, id_, *held[id_]) for id_ in some]
        answers = shop.service.ok("POST", "/v1/search", {"searches": searches})["results"]
        for id_, answer in zip(some, answers, strict=True):
            found = {hit["id"]: _shown_state(hit) for hit in answer.get("hits", ())}
            if found != {id_: held[id_]}:
                wrong.append(f"half-visible: {id_} is held as {held[id_]}, its words and price find {found}")
    yield from _few(wrong)


def _search(index: str, id_: str, number: int, cents: int) -> dict[str, Any]:
    # As a phrase, of which no word is given up where too few products have it.
    query = {"index": index, "mode": "lexical", "q": f'"{title(id_, number)}"', "fields": ["id", "title", "price"]}
    return {**query, "filters": f"price = {cents / 100:.2f}"}


def _generations(shop: Shop) -> Iterator[str]:
    """What the catalogue records is what answers, and nothing half-built is left."""
    shown = shop.service.ok("GET", shop.path)
    states = {each["number"]: each["state"] for each in shown["generations"]}
    recorded = [number for number, state in states.items() if state == "live"]
    if recorded != [shown["live"]]:
        yield f"generation {shown['live']} answers, recorded as live is {recorded}"


def _shown_state(hit: dict[str, Any]) -> tuple[int, int]:
    shown = hit["document"]
    return state_of(hit["id"], shown["title"], round(100 * shown["price"]["amount"]))


def _few(problems: list[str]) -> Iterator[str]:
    yield from problems[:_SHOWN]
    if len(problems) > _SHOWN:
        yield f"and {len(problems) - _SHOWN} more of these"
