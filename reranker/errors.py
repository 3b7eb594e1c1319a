"""Errors of the reranker, cut by what the caller can do about them.

    RerankerError
    └── EvaluationError       a measurement cannot be made as asked: the message says what is missing
        ├── JudgmentsError    fix the judgments file; file and line are named
        └── RankingError      fix the system that is measured: what it handed over is no ranking

A message names the thing, the value seen, the value wanted and the remedy. All survive pickling.
"""

from __future__ import annotations


class RerankerError(Exception):
    """Base of all errors that the reranker raises on purpose."""


class EvaluationError(RerankerError):
    """A measurement cannot be made as asked; the message says what is missing."""


class JudgmentsError(EvaluationError):
    """A judgments file is wrong.

    Args:
        path: of the file.
        line: from 1; 0 when it is the file as a whole.
        reason: what was seen, what was wanted and the remedy.
    """

    def __init__(self, path: str, line: int, reason: str) -> None:
        super().__init__(path, line, reason)
        self.path = path
        self.line = line
        self.reason = reason

    def __str__(self) -> str:
        where = f"{self.path}, line {self.line}" if self.line else self.path
        return f"{where}: {self.reason}"


class RankingError(EvaluationError):
    """A system handed over what is no ranking: a score that is no number, a product twice, too many results."""
