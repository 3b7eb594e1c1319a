"""Peak memory does not grow with the length of a feed."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import pyarrow as pa
import pytest
from pyarrow import parquet

ROWS = 3_000
TEXT = "oak chair with four legs " * 250  # 6 kB a row

# The high-water mark of the process as Linux keeps it: `ru_maxrss` would begin with that of the parent. It never falls,
# so it is read after the short feed and again after the long one.
READ_BOTH = """
import sys
from pathlib import Path
from indexer.feeds import open_feed
for path, rows in zip(sys.argv[1:3], (int(sys.argv[3]), 2 * int(sys.argv[3]))):
    with open_feed(path) as feed:
        assert sum(1 for row in feed if hasattr(row, "product")) == rows
    del feed  # else its sample is there beside that of the next
    print(next(line.split()[1] for line in Path("/proc/self/status").open() if line.startswith("VmHWM")))
"""


def rows(count: int) -> Iterator[dict[str, str]]:
    # Every text is another one: equal texts could be shared.
    return (
        {"id": str(number), "title": f"Chair {number}", "description": f"{number} {TEXT}"} for number in range(count)
    )


def jsonl(count: int) -> bytes:
    return b"".join(orjson.dumps(row) + b"\n" for row in rows(count))


def as_json(count: int) -> bytes:
    return orjson.dumps(list(rows(count)))


def as_csv(count: int) -> bytes:
    return b"id,title,description\n" + "".join(",".join(row.values()) + "\n" for row in rows(count)).encode()


def as_utf_16(count: int) -> bytes:
    return as_csv(count).decode().encode("utf-16")


def as_xml(count: int) -> bytes:
    items = ("".join(f"<{name}>{text}</{name}>" for name, text in row.items()) for row in rows(count))
    return ("<rss><channel>" + "".join(f"<item>{item}</item>" for item in items) + "</channel></rss>").encode()


def as_parquet(count: int) -> bytes:
    stream = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(list(rows(count))), stream, row_group_size=1_000)
    return stream.getvalue()


@pytest.mark.skipif(sys.platform != "linux", reason="the high-water mark is read from Linux's /proc")
@pytest.mark.parametrize(
    "write",
    [jsonl, lambda count: gzip.compress(jsonl(count), 1), as_json, as_csv, as_utf_16, as_xml, as_parquet],
    ids=["jsonl", "gzip", "json", "csv", "utf-16", "xml", "parquet"],
)
def test_a_feed_twice_as_long_takes_the_same_memory(write: Callable[[int], bytes], tmp_path: Path) -> None:
    short, long = tmp_path / "short", tmp_path / "long"
    short.write_bytes(write(ROWS))
    long.write_bytes(write(2 * ROWS))
    done = subprocess.run(
        [sys.executable, "-c", READ_BOTH, short, long, str(ROWS)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    first, second = map(int, done.stdout.split())
    assert second <= 1.1 * first, f"{first} kB, then {second} kB"
