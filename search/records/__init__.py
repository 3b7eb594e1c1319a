"""Search records: what was asked, what was answered and from what, kept for a while to learn from."""
