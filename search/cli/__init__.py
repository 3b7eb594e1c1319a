"""The command line. `commands` declares what can be typed; the modules here do it, and are imported only then."""
