"""The contract of Kafka's programs: each test asks the practice site, and real brokers."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cluster import Cluster
from kafka_witness import PASSWORD, LabWitness, RealWitness, Witness
from lab_process import Lab
from real_kafka import ANONYMOUS, USER, VERSIONS, RealKafka, Rights

WITNESSES = [
    pytest.param("lab", marks=pytest.mark.site),
    pytest.param("real", marks=pytest.mark.real),
]
TOPICS = ("dedup-lab-events", "dedup-lab-metrics")
Start = Callable[[Rights], Witness]


class Clusters:
    """Real clusters of the newest version; the last one stays until other rights are wanted."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.last: RealKafka | None = None

    def start(self, rights: Rights) -> RealKafka:
        if self.last is None or self.last.rights != rights:
            self.stop()
            directory = self.directory / str(len(list(self.directory.iterdir())))
            self.last = RealKafka(VERSIONS[0], directory, rights, {USER: PASSWORD})
            if ANONYMOUS in rights.super_users:
                for topic in TOPICS:
                    self.last.do("kafka-topics.sh", "--create", "--topic", topic)
        return self.last

    def stop(self) -> None:
        if self.last is not None:
            self.last.stop()


@pytest.fixture(scope="module")
def clusters(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clusters]:
    clusters = Clusters(tmp_path_factory.mktemp("clusters"))
    yield clusters
    clusters.stop()


@pytest.fixture(params=WITNESSES)
def start(request: pytest.FixtureRequest) -> Start:
    """Starts a cluster with rights, the practice site's or a real one."""
    if request.param == "lab":
        lab: Lab = request.getfixturevalue("lab")
        cluster: Cluster = request.getfixturevalue("cluster")
        return lambda rights: LabWitness(lab, cluster, rights)
    clusters: Clusters = request.getfixturevalue("clusters")
    return lambda rights: RealWitness(clusters.start(rights))
