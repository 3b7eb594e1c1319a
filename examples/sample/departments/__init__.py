"""What the shop sells, one module for each department; `sample.kinds` puts them together."""
