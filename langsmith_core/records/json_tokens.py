"""Regular expressions for the parts of JSON: strings, numbers, simple lists and objects. Modules build their patterns of these.

All are possessive: a match never gives back what it has read. So matching takes time in proportion to the text, and no memory
for each step.
"""

from __future__ import annotations

STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
"""Any JSON string, whatever its escapes are."""
RUN_MAX = 4096
"""The most brackets, or characters of a string, that one match takes."""

STRICT_STRING = rb'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+"'
PLAIN_STRING = rb'"(?:[^"\\\x00-\x1f]++|\\["\\/bfnrt])*+"'
"""A strict string without `\\u` escapes, which needs no repair."""
NUMBER = rb"-?+(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?+[0-9]++)?+"
_SCALAR = rb"(?:" + PLAIN_STRING + rb"|" + NUMBER + rb"|true|false|null)"
_MEMBER = PLAIN_STRING + rb":" + _SCALAR
_LIST = rb"\[(?:" + _SCALAR + rb"(?:," + _SCALAR + rb")*+)?+\]"
_OBJECT = rb"\{(?:" + _MEMBER + rb"(?:," + _MEMBER + rb")*+)?+\}"
SIMPLE_VALUE = rb"(?:" + _SCALAR + rb"|" + _LIST + rb"|" + _OBJECT + rb")"
"""A scalar, or a compact list or object of scalars, which needs no repair."""
