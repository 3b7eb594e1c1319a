"""The one task of Celery's: it wakes the process that hears it, which then looks at the table of tasks."""

from __future__ import annotations

from collections.abc import Callable

from celery import Celery

from search.dispatch import WAKE_TASK


def register(app: Celery, wake: Callable[[], None]) -> None:
    """Makes an app hear wake-ups."""
    app.task(wake, name=WAKE_TASK, ignore_result=True)
