"""The installation: the proof that the tags of its runners last."""

from os import environ

tag_verification_seconds = environ.get("TAG_VERIFICATION_SECONDS") or 300
tag_verification_interval = environ.get("TAG_VERIFICATION_INTERVAL") or 10  # seconds
