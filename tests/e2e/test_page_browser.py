"""The page at `/` in a browser: with the keyboard alone, without scripts, on phone and desktop, in light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from browsing import browser, is_wider_than_its_window, opened, serious
from playwright.sync_api import Browser, Page, expect
from served import Served, served

SEARCHED = "/?q=desk+lamp"
ZERO = "/?q=lamp&refine.brand=Nobody"
COMPARED = "/?q=desk+lamp&view=compare"
COLOURS = ("red", "blue", "green", "black")


def lamp(n: int) -> dict[str, object]:
    return {
        "id": f"lamp/{n}",
        "title": f"Desk lamp {COLOURS[n % 4]} number{n}",
        "description": "A lamp to read by.",
        "brand": ("Alma", "Brod")[n % 2],
        "category": "Home > Lamps" if n % 3 else "Garden",
        "url": f"https://shop.example/{n}",
        "image": f"https://shop.example/{'good' if n % 2 else 'broken'}{n}.png",
        "price": 10 + n,
        "currency": "EUR",
        "rating": 4,
        "rating_count": n + 1,
        "colour": COLOURS[n % 4],
    }


HOSTILE = {"id": "x", "title": "<img src=x onerror=alert(1)> lantern", "price": 5, "currency": "EUR"}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("page") / "data") as service:
        service.ok("POST", "/v1/indexes/shop/documents?wait_s=25", [*map(lamp, range(40)), HOSTILE])
        yield service


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("empty") / "data", "--workers", "0") as service:
        yield service


def parameters(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def tab_to(page: Page, selector: str, steps: int = 80) -> None:
    """Presses Tab until this has the focus."""
    for _ in range(steps):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"no focus comes to {selector}")


@pytest.mark.parametrize("width", ["phone", "desktop"])
def test_from_the_box_to_an_explanation_with_the_keyboard_alone(chromium: Browser, shop: Served, width: str) -> None:
    with opened(chromium, shop.address, width) as page:
        page.goto("/")
        tab_to(page, "#q", 5)
        page.keyboard.type("blakc la")
        option = page.get_by_role("option", name="black lamp")
        expect(option).to_be_visible()
        box = page.get_by_role("combobox", name="Search products")
        expect(box).to_have_attribute("aria-expanded", "true")
        page.keyboard.press("ArrowDown")
        expect(option).to_have_attribute("aria-selected", "true")
        assert box.get_attribute("aria-activedescendant") == option.get_attribute("id")
        expect(box).to_have_value("black lamp")
        page.keyboard.press("Escape")
        expect(box).to_have_value("blakc la")
        expect(box).to_have_attribute("aria-expanded", "false")
        page.keyboard.press("ArrowDown")
        expect(option).to_be_visible()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("for “black lamp”")
        expect(page.get_by_role("status")).to_contain_text("products found")
        assert parameters(page)["q"] == ["black lamp"]
        expect(page.locator("#suggestions")).to_be_hidden()
        if width == "phone":
            tab_to(page, "#show-filters")
            page.keyboard.press("Space")
        tab_to(page, "input[name='refine.brand'][value=Brod]")
        page.keyboard.press("Space")
        expect(page.get_by_role("list", name="Chosen")).to_contain_text("Brand: Brod")
        # Though all of it was made anew, the focus is where it was.
        focused = page.locator("input[name='refine.brand'][value=Brod]")
        expect(focused).to_be_focused()
        expect(focused).to_be_checked()
        tab_to(page, ".card summary")
        page.keyboard.press("Enter")
        expect(page.get_by_text("By its words it is the 1st match")).to_be_visible()
        assert not serious(page)


def test_results_follow_what_is_typed_and_back_leads_out_of_it(chromium: Browser, shop: Served) -> None:
    with opened(chromium, shop.address) as page:
        page.goto("/")
        page.evaluate("window.loaded = 'once'")
        page.locator("#q").press_sequentially("red", delay=20)
        expect(page.locator("h1")).to_contain_text("for “red”")
        page.locator("#q").press_sequentially(" lamp", delay=20)
        expect(page.locator("h1")).to_contain_text("for “red lamp”")
        assert parameters(page) == {"q": ["red lamp"]}
        page.keyboard.press("Escape")
        page.keyboard.press("Enter")
        page.locator("input[name='refine.brand'][value=Alma]").check()
        expect(page.get_by_role("list", name="Chosen")).to_be_visible()
        page.locator("#sort").select_option("price:desc")
        expect(page.locator(".card h2").first).to_contain_text("number36")
        page.go_back()
        page.go_back()
        expect(page.get_by_role("list", name="Chosen")).to_be_hidden()
        expect(page.locator("#q")).to_have_value("red lamp")
        page.go_back()
        expect(page.locator("h1")).to_have_text("All 41 products")
        expect(page.locator("#q")).to_have_value("")
        page.go_forward()
        expect(page.locator("h1")).to_contain_text("for “red lamp”")
        assert page.evaluate("window.loaded") == "once"


def test_links_need_no_reload_and_lead_to_the_results(chromium: Browser, shop: Served) -> None:
    with opened(chromium, shop.address) as page:
        page.goto(SEARCHED)
        page.evaluate("window.loaded = 'once'")
        page.get_by_role("link", name="Next").click()
        expect(page.get_by_role("status")).to_contain_text("page 2 of")
        expect(page.locator("#results")).to_be_focused()
        page.get_by_role("link", name="Words or meaning?").click()
        expect(page.locator(".side")).to_have_count(3)
        page.locator("#q").fill("blue lamp")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("for “blue lamp”")
        assert parameters(page) == {"q": ["blue lamp"], "view": ["compare"]}
        page.get_by_role("link", name="Results", exact=True).click()
        expect(page.locator(".cards")).to_be_visible()
        assert page.evaluate("window.loaded") == "once"


@pytest.mark.parametrize("width", ["phone", "desktop"])
def test_suggestions_by_mouse_and_hostile_titles_in_them(chromium: Browser, shop: Served, width: str) -> None:
    with opened(chromium, shop.address, width) as page:
        page.goto("/")
        page.locator("#q").press_sequentially("lante", delay=20)
        hostile = page.get_by_role("option", name="<img src=x onerror=alert(1)> lantern")
        expect(hostile).to_be_visible()
        assert page.locator("#suggestions img").count() == 0
        page.locator("#q").fill("lamp")
        # Nothing of the page lies over them, such as a picture.
        expect(page.get_by_role("option", name="Desk lamp")).to_have_count(3)
        for product in page.get_by_role("option", name="Desk lamp").all():
            product.click(trial=True, position={"x": 8, "y": 8})
        page.get_by_role("option", name="Home > Lamps").click()
        expect(page.get_by_role("list", name="Chosen")).to_contain_text("Category: Home > Lamps")
        expect(page.locator("#suggestions")).to_be_hidden()


def test_a_picture_that_fails_gives_way_to_its_place(chromium: Browser, shop: Served) -> None:
    with opened(chromium, shop.address) as page:
        page.goto("/?q=number2")
        expect(page.locator(".card", has_text="number2").locator("img").first).to_be_hidden()
        page.goto("/?q=number3")
        expect(page.locator(".card", has_text="number3").locator("img").first).to_be_visible()


@pytest.mark.parametrize("width", ["phone", "desktop"])
def test_without_scripts_all_of_it_works(chromium: Browser, shop: Served, width: str) -> None:
    with opened(chromium, shop.address, width, java_script_enabled=False) as page:
        page.goto("/")
        page.get_by_label("Search products").fill("desk lamp")
        page.get_by_role("button", name="Search").click()
        expect(page.locator("h1")).to_contain_text("for “desk lamp”")
        if width == "phone":
            page.get_by_text("Filters", exact=True).click()
        page.get_by_label("Brod").check()
        page.get_by_label("from").fill("15")
        page.get_by_role("button", name="Apply filters").click()
        expect(page.get_by_role("list", name="Chosen")).to_contain_text("Price: 15 and more")
        page.locator("#sort").select_option("price:asc")
        page.get_by_role("button", name="Sort").click()
        expect(page.locator(".card h2").first).to_contain_text("number5")
        page.locator(".card summary").first.click()
        expect(page.get_by_text("You sorted by price").first).to_be_visible()
        page.get_by_role("link", name="Remove Brand: Brod").click()
        assert "refine.brand" not in parameters(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", ["phone", "desktop"])
def test_nobody_is_kept_out(chromium: Browser, shop: Served, empty: Served, width: str, scheme: str) -> None:
    with opened(chromium, shop.address, width, color_scheme=scheme) as page:
        for address in (SEARCHED, ZERO, COMPARED):
            page.goto(address)
            if width == "phone" and page.locator("#show-filters").count():
                page.get_by_text("Filters", exact=True).click()
            assert not serious(page), address
            assert not is_wider_than_its_window(page), address
        page.locator("#q").press_sequentially(" bl", delay=20)
        expect(page.locator("#suggestions [role=option]").first).to_be_visible()
        assert not serious(page)
    with opened(chromium, empty.address, width, color_scheme=scheme) as page:
        page.goto("/")
        expect(page.get_by_role("button", name="Copy")).to_have_count(2)
        assert not serious(page)
        assert not is_wider_than_its_window(page)


def test_a_command_is_copied(chromium: Browser, empty: Served) -> None:
    with opened(chromium, empty.address, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.goto("/")
        page.get_by_role("button", name="Copy").first.click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == "shelfwise import products.csv --index shop --currency EUR"
