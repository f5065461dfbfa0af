"""The project of the small site: its history, pipelines, variables, and what its jobs print."""

from datetime import UTC, datetime
from pathlib import Path

from lab.git.initial import Beginning, Earlier, History
from lab.gitlab.initial import Output, Past, PipelineRow, Pods, ProjectData

NAMESPACE = "ci"
PODS = {3: "build-1", 4: "build-2"}

CI, README, SHOP = "ci/pipeline.yml", "README.md", "src/shop.py"
COMMITS = [
    ("Sell one thing", [README, SHOP, "config/shop.json"]),
    ("Test, package and publish it", [CI, "tests/test_shop.py", "scripts/publish.sh"]),
    ("Sell several things at once", [SHOP, "web/index.html"]),
    ("Say who to ask", [README]),
]
EARLIER: list[Earlier] = [
    (3, SHOP, r"def total\(.*", ""),
    (4, README, r"\n## Who to ask\n.*", ""),
]

PIPELINES: list[PipelineRow] = [
    (3, "push", 1440, {"lint": "success"}, "canceled"),
    # Its commit has changed nothing that the job `ui` asks for, so it lacks that job.
    (4, "push", 30, {"lint": "pending"}, "created"),
]

PROJECT = ProjectData(
    id=42,
    repository=Beginning(
        history=History(
            files=Path(__file__).with_name("project"),
            branch="main",
            archive="stable",
            archived=2,
            commits=COMMITS,
            earlier=EARLIER,
            people=(("Ines Okafor", "ines@acme.example"), ("Piet Vos", "piet@acme.example")),
            start=datetime(2026, 3, 2, 9, tzinfo=UTC),
            executable=frozenset({"scripts/publish.sh"}),
        ),
        paths={"gitlab": "acme/web/shop.git"},
        clone="shop",
        names={"gitlab": "origin"},
    ),
    past=Past(first=901, first_job=5120, pipelines=PIPELINES),
    output=Output(lambda job: [f"{job}: done"]),
    ci_file=CI,
    pods=Pods(NAMESPACE, PODS),
    variables=("SHOP_DB_PASSWORD", "SHOP_REGISTRY_TOKEN"),
    present={"SHOP_DB_PASSWORD": False},
    further={"REGION": "eu-west"},
)
