"""How ranking quality is measured: judgments in, rankings beside them, metrics with intervals and reports out.

Two protocols, never mixed: `judged_only` ranks only the judged products of a query, `catalogue` searches everything.
"""
