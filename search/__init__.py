"""Query in, response out: typed stages from understanding to arrangement, with the command line and the HTTP API."""
