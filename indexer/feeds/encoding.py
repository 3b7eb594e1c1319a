"""Which encoding a feed's text is in, judged by a bounded prefix, and UTF-16 made UTF-8 on the way."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from charset_normalizer import from_bytes

from indexer.errors import ConfigurationError, FeedError
from indexer.feeds.errors import TruncatedFeedError

UTF_8 = "utf-8"
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF8, UTF_8),
)
# One well-formed sequence of several bytes. Hardly any text of another encoding has these by chance.
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]")
# Scripts that no Western European text resembles; only these may overrule cp1252, which reads latin-1 as well.
_OTHER_SCRIPTS = ["cp1251", "koi8_r", "cp1253", "cp1255", "cp1256", "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr"]
_LETTER = re.compile(rb"[A-Za-z\x80-\xff]")
# In German, French or Swedish about a tenth of the letters lie beyond ASCII, in the words that matter a quarter.
_OTHER_SCRIPT_SHARE = 0.25
_JUDGED_BYTES = 32_768


def detect_encoding(prefix: bytes) -> str:
    """Name of the codec: by byte order mark, by the zeros of UTF-16, as UTF-8, else the likeliest of the others.

    A few bytes that are not UTF-8 among many that are do not change the encoding: their rows are at fault.
    """
    for mark, name in _BOMS:
        if prefix.startswith(mark):
            return name
    if name := _utf_16_without_mark(prefix):
        return name
    high = len(_HIGH.findall(prefix))
    if high <= 2 * sum(map(len, _MULTIBYTE.findall(prefix))):
        return UTF_8
    telling = b"\n".join(line for line in prefix.split(b"\n") if _HIGH.search(line))[:_JUDGED_BYTES]
    if len(_HIGH.findall(telling)) > max(8, _OTHER_SCRIPT_SHARE * len(_LETTER.findall(telling))):
        best = from_bytes(telling, cp_isolation=["cp1252", *_OTHER_SCRIPTS]).best()
        if best is not None and best.encoding in _OTHER_SCRIPTS:
            return best.encoding
    return "cp1252"


def check_encoding(name: str) -> str:
    """The codec's own name.

    Raises:
        ConfigurationError: there is no such codec, or it is none of texts, like base64.
    """
    try:
        codec = codecs.lookup(name).name
        # Only a decoder tells whether its codec is one of texts.
        b"\xff\xff".decode(codec, "surrogateescape")
    except UnicodeDecodeError:
        return codec
    except (LookupError, ValueError) as error:
        raise ConfigurationError(f"there is no encoding {name!r}; use utf-8, utf-16, cp1252 …") from error
    return codec


def is_wide(encoding: str) -> bool:
    """Whether line ends take more than one byte, so that the text is made UTF-8 before it is split."""
    return encoding.replace("_", "-").startswith(("utf-16", "utf-32"))


def to_utf_8(chunks: Iterator[bytes], encoding: str, *, transcode: bool) -> Iterator[bytes]:
    """The chunks without a byte order mark; with `transcode` as UTF-8, else in the encoding they are in.

    A broken pair of UTF-16 surrogates becomes bytes that are no UTF-8, so that only its row is at fault.

    Raises:
        TruncatedFeedError: the feed ends within a character.
        FeedError: it is not in that encoding throughout, or what `chunks` raises.
    """
    if transcode:
        chunks = _narrow(chunks, encoding)
    head: bytes | None = b""
    for chunk in chunks:
        if head is None:
            yield chunk
            continue
        head += chunk
        if len(head) >= len(codecs.BOM_UTF8):
            yield head.removeprefix(codecs.BOM_UTF8)
            head = None
    if head:
        yield head


def prefix_to_utf_8(prefix: bytes, encoding: str) -> bytes:
    """The beginning of what `to_utf_8` gives, of bytes that may end within a character.

    Raises:
        FeedError: the encoding wants a byte order mark, and there is none.
    """
    if is_wide(encoding):
        try:
            prefix = codecs.getincrementaldecoder(encoding)("replace").decode(prefix).encode(UTF_8, "replace")
        except UnicodeError as error:
            raise FeedError(
                f"the feed is not {encoding} ({error}); leave the encoding to be detected, or name {encoding}-le or "
                f"{encoding}-be"
            ) from error
    return prefix.removeprefix(codecs.BOM_UTF8)


def _narrow(chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
    try:
        for chunk in chunks:
            yield decoder.decode(chunk).encode(UTF_8, "surrogatepass")
    except UnicodeDecodeError as error:
        raise FeedError(f"the feed is not {encoding} throughout ({error.reason}); write it as UTF-8") from error
    if decoder.getstate()[0]:
        raise TruncatedFeedError(f"the feed breaks off within a character of {encoding}; fetch it again")


def _utf_16_without_mark(prefix: bytes) -> str:
    """Text mostly of Latin letters has a zero in every other byte, and none between."""
    half = len(prefix) // 2
    if half < 2:
        return ""
    even, odd = prefix[0::2].count(0) / half, prefix[1::2].count(0) / half
    if odd > 0.4 and even < 0.05:
        return "utf-16-le"
    if even > 0.4 and odd < 0.05:
        return "utf-16-be"
    return ""
