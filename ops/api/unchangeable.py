"""The error of a text that cannot be read, or changed, as it is."""


class Unchangeable(Exception):
    """The text has another form than is understood; the message says which."""
