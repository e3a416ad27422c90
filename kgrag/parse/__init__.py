"""Files become text: ``ParserPool.parse(name, content)`` gives a ``ParsedText`` or raises.

Every format is read in a child process with limits on time, memory, files and network, because
a parser is where foreign bytes meet C code (``sandbox``). A child gets a name and bytes, never a
path. Importing this package loads no format library.
"""

from kgrag.parse.limits import ParseLimits, read_file
from kgrag.parse.pool import PARSER_VERSION, ParsedText, ParserPool

__all__ = ["PARSER_VERSION", "ParseLimits", "ParsedText", "ParserPool", "read_file"]
