"""What can be typed: one module per command, of options and help alone, so that `--help` is there at once."""
