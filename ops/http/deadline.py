"""A time limit for all that waits for a network: connecting, TLS, headers, bodies, pauses.

A time-out of a socket begins again with each byte, so a server that sends one now and then is
waited for without end. pyinfra runs on gevent (`gevent.monkey.patch_all`), whose timer ends
whatever waits.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import gevent


@contextmanager
def within(seconds: float, error: Callable[[], Exception]) -> Iterator[None]:
    """End what is done here after some seconds, and raise an error.

    + error: makes it, when the time is over
    """
    timer = gevent.Timeout(seconds)
    timer.start()
    try:
        yield
    except gevent.Timeout as raised:
        if raised is not timer:
            raise
        raise error() from None
    finally:
        timer.close()
