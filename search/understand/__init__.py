"""Understanding: what a shopper typed, as typed query parts that an engine can take."""
