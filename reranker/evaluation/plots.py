"""The plots of a report, as PNG images."""

from __future__ import annotations

import io
from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from reranker.evaluation.protocols import NDCG

_WIDTH_INCHES = 6.4
_BETTER, _WORSE, _BOX = "#1b7f5c", "#b5443c", "#3f6fa8"


def distribution_png(by_system: Mapping[str, NDArray[np.float64]]) -> bytes:
    """How a metric is spread over the queries, one box for each system: quartiles, median, mean (a diamond).

    Args:
        by_system: float64 (queries,) each.
    """
    figure = Figure(figsize=(_WIDTH_INCHES, 0.9 + 0.55 * len(by_system)), layout="constrained")
    axes = figure.subplots()
    axes.boxplot(
        list(by_system.values())[::-1],
        tick_labels=list(by_system)[::-1],
        orientation="horizontal",
        widths=0.6,
        showmeans=True,
        patch_artist=True,
        boxprops={"facecolor": _BOX, "alpha": 0.35},
        medianprops={"color": "black"},
        meanprops={"marker": "D", "markerfacecolor": "black", "markeredgecolor": "black", "markersize": 5},
        flierprops={"marker": ".", "markersize": 4, "alpha": 0.4},
    )
    axes.set_xlim(-0.02, 1.02)
    axes.set_xlabel(f"{NDCG} of a query")
    axes.grid(axis="x", alpha=0.3)
    return _png(figure)


def differences_png(by_system: Mapping[str, NDArray[np.float64]]) -> bytes:
    """The queries of each system from its greatest win to its greatest loss.

    Args:
        by_system: differences from BM25, float64 (queries,) each; at least one system.
    """
    figure = Figure(figsize=(_WIDTH_INCHES, 0.4 + 1.7 * len(by_system)), layout="constrained")
    panels = figure.subplots(len(by_system), sharex=True, sharey=True, squeeze=False)[:, 0]
    for axes, (name, differences) in zip(panels, by_system.items(), strict=True):
        heights = np.sort(differences)[::-1]
        edges = np.arange(len(heights) + 1)
        axes.stairs(np.maximum(heights, 0), edges, fill=True, color=_BETTER)
        axes.stairs(np.minimum(heights, 0), edges, fill=True, color=_WORSE)
        axes.axhline(0, color="black", linewidth=0.8)
        axes.set_title(f"{name} less bm25", fontsize="medium", loc="left")
        axes.grid(axis="y", alpha=0.3)
    panels[-1].set_xlabel("queries, greatest win first")
    figure.supylabel(f"difference in {NDCG}", fontsize="medium")
    return _png(figure)


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=130)
    return buffer.getvalue()
