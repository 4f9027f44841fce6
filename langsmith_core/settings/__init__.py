"""Configuration: the table of keys, their parsers, and one checked, frozen Settings value."""
