"""Whether a process can answer searches."""

from __future__ import annotations

import logging

from indexer.errors import IndexerError
from search.errors import SearchError, UnavailableError
from search.services import Services

_log = logging.getLogger(__name__)


def check_ready(services: Services) -> int:
    """Opens what searches need, so that the first one does not have to wait for it.

    One index that cannot be opened takes none of the others away: the process is ready while any can be searched, and
    while there is none yet.

    Returns:
        How many indexes can be searched.

    Raises:
        UnavailableError: the catalogue cannot be read, or there are indexes and none can be opened.
    """
    ready, faults = 0, []
    try:
        for record in services.catalogue.list_indexes():
            try:
                if services.engine.live(record.name) is not None:
                    services.searcher(record.name)
                    ready += 1
            except (IndexerError, SearchError) as error:
                _log.error("index %s cannot be opened: %s", record.name, error)
                faults.append(str(error))
    except (IndexerError, SearchError) as error:
        raise UnavailableError(f"the catalogue cannot be read: {error}") from error
    if faults and not ready:
        raise UnavailableError(f"no index can be opened: {faults[0]}")
    return ready
