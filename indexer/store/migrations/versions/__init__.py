"""One file per version of the catalogue's tables, named by its number."""
