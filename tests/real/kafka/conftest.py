"""Fixtures: real clusters of Kafka, and this machine as the pod in which Kafka's programs run."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from local_host import local_host
from pyinfra.api.host import Host
from real_kafka import VERSIONS, RealKafka


@pytest.fixture(scope="module", params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    """A version of Kafka: its brokers and its programs."""
    found: str = request.param
    return found


@pytest.fixture
def start(version: str, tmp_path: Path) -> Iterator[Callable[..., RealKafka]]:
    """Starts a cluster of that version, which ends with the test."""
    started: list[RealKafka] = []

    def start(**settings: Any) -> RealKafka:
        directory = tmp_path / str(len(started))
        started.append(RealKafka(version, directory, **settings))
        return started[-1]

    yield start
    for kafka in started:
        kafka.stop()


@pytest.fixture(scope="session")
def pod() -> Host:
    return local_host()
