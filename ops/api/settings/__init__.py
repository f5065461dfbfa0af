"""Settings as types: what each may be, in which group it stands, and whether a run's are right.

`kinds` are the types that every room shares, `typed` reads a value as one of them, `group` is the
base of what a group's hosts may be told, `check` looks at a whole inventory, and `document` writes
docs/settings.md. Which groups there are is the site's matter.
"""
