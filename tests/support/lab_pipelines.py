"""What the tests of pipelines share."""

from gitlab.v4.objects import Project
from lab_process import Lab

LIVE, ACTIVE = 6936, 6932
TAGS = {
    # Enough runners for the builds: 17 would take them, too, and stop polling after one.
    6: ["kubernetes"],
    15: ["kubernetes"],
    16: ["kubernetes"],
    8: ["macos", "arm64"],
    11: ["debian", "x86_64"],
    13: ["ubuntu", "x86_64"],
    17: ["kubernetes", "experiment"],
}


def statuses(lab: Lab, pipeline: int) -> dict[str, str]:
    return {name: job["status"] for name, job in lab.jobs(pipeline).items()}


def update(project: Project, path: str, branch: str = "development") -> None:
    text = project.files.raw(path, ref=branch).decode() + "\n"
    change = {"branch": branch, "content": text, "commit_message": f"Touch {path}"}
    project.files.update(path, change)
