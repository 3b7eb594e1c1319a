"""Products written over HTTP: what is answered, what is kept, and what is then found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from service import Service, service

LAMP = {"id": "lamp/1", "title": "Brass lamp", "brand": "Alma", "price": 19.9, "currency": "EUR", "color": "gold"}
TABLE = {"id": "t2", "title": "Oak table", "brand": "Borg", "price": 120, "currency": "EUR"}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Service]:
    with service(tmp_path) as opened:
        opened.ask("POST", "/v1/indexes/shop/documents", 202, json=[LAMP, TABLE])
        opened.work()
        yield opened


def test_written_products_are_kept_at_once_and_found_when_the_task_is_done(tmp_path: Path) -> None:
    with service(tmp_path) as shop:
        told = shop.ask("POST", "/v1/indexes/shop/documents", 202, json=[LAMP, TABLE])
        assert (told["created"], told["change_number"], told["problems"]) == (2, 2, [])
        task = told["task"]
        assert (task["kind"], task["state"], task["index"]) == ("apply", "queued", "shop")
        assert shop.ask("GET", "/v1/indexes/shop/documents?id=lamp/1")["document"]["title"] == "Brass lamp"
        assert shop.work() == 1
        done = shop.ask("GET", f"/v1/tasks/{task['id']}")
        assert (done["state"], done["result"]["written"]) == ("succeeded", 2)
        assert shop.found("lamp") == ["lamp/1"]
        hit = shop.ask("GET", "/v1/indexes/shop/search?q=lamp")["hits"][0]["document"]
        assert hit["offers"]["default"]["price"] == {"amount": 19.9, "currency": "EUR", "text": "€19.90"}


@pytest.mark.parametrize("form", ["object", "array", "lines"])
def test_a_body_is_an_object_an_array_or_lines(shop: Service, form: str) -> None:
    text = json.dumps({"id": "x", "title": "Xylophone"})
    body = {"object": text, "array": f"[{text}]", "lines": f"{text}\n\n{text}\n"}[form]
    kind = "application/x-ndjson" if form == "lines" else "application/json"
    told = shop.ask("POST", "/v1/indexes/shop/documents", 202, data=body, content_type=kind)
    assert (told["created"], told["unchanged"]) == (1, 1 if form == "lines" else 0)
    shop.work()
    assert shop.found("xylophone") == ["x"]


def test_the_same_again_writes_nothing(shop: Service) -> None:
    told = shop.ask("POST", "/v1/indexes/shop/documents", 200, json=[LAMP])
    assert (told["unchanged"], told["change_number"], told["task"]) == (1, 2, None)


def test_what_is_exported_can_be_written_again(shop: Service) -> None:
    exported = shop.ask("GET", "/v1/indexes/shop/documents")["documents"]
    assert shop.ask("POST", "/v1/indexes/shop/documents", 200, json=exported)["unchanged"] == 2


def test_a_price_without_currency_is_in_that_of_the_index(shop: Service) -> None:
    shop.ask("POST", "/v1/indexes/shop/documents", 202, json={"id": "n", "title": "New", "price": 5})
    offer = shop.ask("GET", "/v1/indexes/shop/documents/n")["document"]["offers"]["default"]
    assert (offer["price"], offer["currency"]) == (500, "EUR")


def test_bad_products_are_told_and_keep_no_other_from_being_written(shop: Service) -> None:
    bad = [{"id": "ok", "title": "Fine"}, {"title": "No id"}, 5, {"id": "p", "title": "T", "price": "much"}]
    told = shop.ask("POST", "/v1/indexes/shop/documents", 202, json=bad)
    assert told["created"] == 1
    problems = {problem["place"]: problem for problem in told["problems"]}
    assert set(problems) == {1, 2, 3}
    assert all(problem["status"] == 400 for problem in problems.values())
    assert (problems[3]["id"], problems[3]["field"], problems[3]["value"]) == ("p", "price", "much")


def test_one_bad_product_alone_is_an_error(shop: Service) -> None:
    problem = shop.ask("POST", "/v1/indexes/shop/documents", 400, json={"id": "p", "title": "T", "price": "much"})
    assert (problem["parameter"], problem["value"]) == ("price", "much")
    assert shop.ask("GET", "/v1/indexes/shop")["products"] == 2


@pytest.mark.parametrize("body", ["", "[", "{}", "[]", "7", '{"id": "only"}', '"text"', "null", "\xff"])
def test_what_is_no_product_is_refused_and_makes_no_index(shop: Service, body: str) -> None:
    shop.ask("POST", "/v1/indexes/new/documents", 400, data=body.encode("latin-1"), content_type="application/json")
    shop.ask("GET", "/v1/indexes/new", 404)


def test_a_change_is_merged(shop: Service) -> None:
    patch = {"id": "lamp/1", "price": 17.5, "color": None, "height": 40, "title": "Brass table lamp"}
    told = shop.ask("PATCH", "/v1/indexes/shop/documents", 202, json=[patch])
    assert (told["updated"], told["created"]) == (1, 0)
    document = shop.ask("GET", "/v1/indexes/shop/documents/lamp/1")["document"]
    assert document == {
        "id": "lamp/1",
        "title": "Brass table lamp",
        "brand": "Alma",
        "offers": {"default": {"price": 1750, "currency": "EUR", "availability": "in_stock"}},
        "attributes": {"height": 40},
    }
    shop.work()
    assert shop.found("table", filters="price < 18") == ["lamp/1"]


@pytest.mark.parametrize(
    ("patch", "offer"),
    [
        ({"availability": "sold out"}, {"price": 1990, "currency": "EUR", "availability": "out_of_stock"}),
        ({"availability": 0}, {"price": 1990, "currency": "EUR", "availability": "out_of_stock"}),
        ({"price": None}, {"currency": "EUR", "availability": "in_stock"}),
        (
            {"price": "$15.00", "list_price": 20},
            {"price": 1500, "list_price": 2000, "currency": "USD", "availability": "in_stock"},
        ),
        ({"offers": {"default": {"price": 1}}}, {"price": 1, "currency": "EUR", "availability": "in_stock"}),
    ],
)
def test_the_parts_of_an_offer_change_alone(shop: Service, patch: dict[str, Any], offer: dict[str, Any]) -> None:
    shop.ask("PATCH", "/v1/indexes/shop/documents/lamp/1", 202, json=patch)
    assert shop.ask("GET", "/v1/indexes/shop/documents/lamp/1")["document"]["offers"] == {"default": offer}


def test_an_unknown_product_is_a_404_of_its_own(shop: Service) -> None:
    told = shop.ask(
        "PATCH", "/v1/indexes/shop/documents", 202, json=[{"id": "nobody", "price": 1}, {"id": "t2", "price": 99}]
    )
    assert told["updated"] == 1
    assert [(problem["place"], problem["id"], problem["status"]) for problem in told["problems"]] == [
        (0, "nobody", 404)
    ]
    shop.ask("PATCH", "/v1/indexes/shop/documents/nobody", 404, json={"price": 1})
    shop.ask("PATCH", "/v1/indexes/nowhere/documents/t2", 404, json={"price": 1})


def test_a_change_that_leaves_no_product_is_refused(shop: Service) -> None:
    problem = shop.ask("PATCH", "/v1/indexes/shop/documents/t2", 400, json={"offers": "free"})
    assert problem["parameter"] == "offers"
    assert "offers" in shop.ask("GET", "/v1/indexes/shop/documents/t2")["document"]


def test_changes_of_one_product_in_one_call_follow_each_other(shop: Service) -> None:
    shop.ask("PATCH", "/v1/indexes/shop/documents", 202, json=[{"id": "t2", "a": 1}, {"id": "t2", "b": 2}])
    assert shop.ask("GET", "/v1/indexes/shop/documents/t2")["document"]["attributes"] == {"a": 1, "b": 2}


def test_a_variant_changes_alone(shop: Service) -> None:
    variants = [{"sku": "s/1", "size": "S", "price": 10, "currency": "EUR"}, {"sku": "m", "size": "M"}]
    shop.ask("POST", "/v1/indexes/shop/documents", 202, json={"id": "shirt/x", "title": "Shirt", "variants": variants})
    url = "/v1/indexes/shop/documents/shirt/x/variants"
    shop.ask("PATCH", f"{url}/s/1", 202, json={"price": 8, "availability": "sold out"})
    found = shop.ask("GET", "/v1/indexes/shop/documents/shirt/x")["document"]["variants"]
    assert found[0]["offers"]["default"] == {"price": 800, "currency": "EUR", "availability": "out_of_stock"}
    assert (found[0]["attributes"], found[1]["sku"]) == ({"size": "S"}, "m")
    assert "known: s/1, m" in shop.ask("PATCH", f"{url}/xl", 404, json={"price": 8})["detail"]


def test_a_deleted_product_is_gone(shop: Service) -> None:
    told = shop.ask("DELETE", "/v1/indexes/shop/documents/lamp/1", 202)
    assert told["deleted"] == 1
    shop.ask("GET", "/v1/indexes/shop/documents/lamp/1", 404)
    shop.work()
    assert shop.found("lamp") == []
    shop.ask("DELETE", "/v1/indexes/shop/documents?id=lamp/1", 404)


def test_several_are_deleted_by_their_ids(shop: Service) -> None:
    told = shop.ask("POST", "/v1/indexes/shop/documents/delete", 202, json={"ids": ["t2", "nobody"]})
    assert (told["deleted"], [problem["status"] for problem in told["problems"]]) == (1, [404])
    shop.work()
    assert shop.found("table") == []


def test_all_that_match_a_filter_are_deleted(shop: Service) -> None:
    more = [{"id": f"n{n}", "title": "Chair", "price": n, "currency": "EUR"} for n in range(1, 1201)]
    shop.ask("POST", "/v1/indexes/shop/documents", 202, json=more)
    told = shop.ask("POST", "/v1/indexes/shop/documents/delete", 202, json={"filter": "price > 100.5"})
    assert told["task"]["kind"] == "delete"
    shop.work()
    assert shop.ask("GET", f"/v1/tasks/{told['task']['id']}")["result"] == {"deleted": 1101}
    assert shop.ask("GET", "/v1/indexes/shop/search?q=&filters=price>1")["total"] == 100
    assert shop.ask("GET", "/v1/indexes/shop")["products"] == 101


@pytest.mark.parametrize(
    "body",
    [{}, {"ids": []}, {"ids": "t2"}, {"ids": ["t2"], "filter": "price > 1"}, {"filter": ""}, {"filter": "prize > 1"},
     {"filter": 5}, {"id": ["t2"]}],
)  # fmt: skip
def test_a_deletion_that_is_not_clear_deletes_nothing(shop: Service, body: dict[str, Any]) -> None:
    shop.ask("POST", "/v1/indexes/shop/documents/delete", 400, json=body)
    assert shop.work() == 0
    assert shop.ask("GET", "/v1/indexes/shop")["products"] == 2


def test_many_products_are_a_task_of_the_bulk_lane(shop: Service) -> None:
    many = [{"id": str(n), "title": "Chair"} for n in range(501)]
    told = shop.ask("POST", "/v1/indexes/shop/documents", 202, json=many)
    assert (told["task"]["lane"], told["created"]) == ("bulk", 501)
    shop.work()
    assert shop.ask("GET", "/v1/indexes/shop/search?q=chair&mode=lexical")["total"] == 501


def test_who_waits_too_long_gets_the_task_as_it_is(shop: Service) -> None:
    told = shop.ask("DELETE", "/v1/indexes/shop/documents/t2?wait_s=0.05", 202)
    assert told["task"]["state"] == "queued"
    shop.ask("DELETE", "/v1/indexes/shop/documents/t2?wait_s=31", 400)


def test_a_body_has_a_limit(tmp_path: Path) -> None:
    with service(tmp_path, max_documents_bytes=1000) as shop:
        shop.ask("POST", "/v1/indexes/shop/documents", 413, json={"id": "1", "title": "x" * 1000})


def test_the_first_products_declare_the_fields(tmp_path: Path) -> None:
    with service(tmp_path) as shop:
        shop.ask("POST", "/v1/indexes/shop/documents", 202, json=[LAMP, TABLE])
        shop.work()
        assert shop.found("", filters='color:"gold"') == ["lamp/1"]
