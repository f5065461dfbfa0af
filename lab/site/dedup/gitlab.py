"""GitLab in its broken state: twelve runners that have lost their tags, and lose them again."""

from lab.gitlab.initial import Installation, RunnerRow

# id, description, tags that its jobs need, paused, maximum timeout
RUNNERS: list[RunnerRow] = [
    (6, "k8s-runner", ["kubernetes"], False, 3600),
    (7, "node5-macos-x86", ["macos", "x86_64"], False, None),
    (8, "node6-macos-arm", ["macos", "arm64"], False, None),
    (9, "node7-linux-arm", ["arm64", "linux"], False, 7200),
    (10, "node8-linux-riscv", ["riscv64", "linux"], True, 14400),
    (11, "pve1-linux-x86", ["debian", "x86_64"], False, None),
    (12, "pve2-linux-x86", ["debian", "x86_64"], False, None),
    (13, "node3-linux-x86", ["ubuntu", "x86_64"], False, 3600),
    (14, "node4-linux-x86", ["ubuntu", "x86_64"], False, 3600),
    (15, "k8s-runner-2", ["kubernetes"], False, 3600),
    (16, "k8s-runner-3", ["kubernetes"], False, 3600),
    (17, "k8s-runner-4", ["kubernetes", "experiment"], False, 86400),
]

INSTALLATION = Installation(runners=RUNNERS, untagged=6)
