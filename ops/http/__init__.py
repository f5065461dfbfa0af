"""A resource of an API as a host: requests in the place of shell commands, and how they travel.

`connector` is what `@gitlab` and `@kubernetes` share, `fact` the base of facts that are a GET,
`watch` what looks again and again until something is so.
"""
