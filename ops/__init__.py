"""What a deploy may call, and what that stands on.

A module directly in this package holds operations. The packages below it are layers, and imports go
one way: `deploys -> ops/*.py -> ops.facts -> ops.api <- ops.connectors` (tests/test_imports.py).

* `ops.api`: requests, differences, secrets. Pure: no network, no files.
* `ops.facts`: what operations read. A fact of an API resource is a GET.
* `ops.connectors`: how requests and commands travel. The only place with network code.
"""
