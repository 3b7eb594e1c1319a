"""A browser for the tests of the page: Debian's Chromium, which reaches nothing but the service."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, sync_playwright

from tests.conftest import unavailable

WIDTHS = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1440, "height": 900}}
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
_AXE = Axe()


@contextmanager
def browser() -> Iterator[Browser]:
    """Chromium, until the block is left; the test is skipped, or fails, where it is not installed."""
    path = shutil.which("chromium")
    if path is None:
        unavailable("Chromium is not installed: `apt-get install chromium`.")
    with sync_playwright() as playwright:
        # Its sandbox needs rights that a container's root has not, and it sees this service only.
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield opened
        finally:
            opened.close()


@contextmanager
def opened(browser: Browser, address: str, width: str = "desktop", **options: Any) -> Iterator[Page]:
    """A page whose faults fail the test: errors of scripts, and what the policy or the console complains of.

    Pictures called `good` are served, and all else that is not the service's does not exist.

    Args:
        address: of the service; what the page goes to is below it.
        width: one of `WIDTHS`.
        options: of the browser's context.
    """
    context = browser.new_context(
        base_url=address, viewport=WIDTHS[width], **options  # type: ignore[arg-type]
    )  # fmt: skip
    context.set_default_timeout(10_000)
    context.route(lambda url: not url.startswith(address), _elsewhere)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    try:
        yield page
        # A picture that fails is told of there, which is what one test wants.
        told = [fault for fault in faults if "net::ERR_FAILED" not in fault]
        assert not told, told
    finally:
        context.close()


def serious(page: Page) -> list[str]:
    """What axe finds that keeps people from using the page."""
    found = _AXE.run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{one['id']}: {node['target']} {node['html'][:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def is_wider_than_its_window(page: Page) -> bool:
    """Whether one has to scroll sideways."""
    wider: bool = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return wider


def _elsewhere(route: Route) -> None:
    if "good" in route.request.url:
        route.fulfill(body=PIXEL, content_type="image/png")
    else:
        route.abort()
