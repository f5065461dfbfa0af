"""Kubernetes: objects as hosts (`@kubernetes/NAMESPACE/RESOURCE/NAME`), pods as hosts (`@pod/…`).

Operations: `objects` (patch, server-side apply, ConfigMap, CronJob, annotations), `cron_jobs` and
`config_maps` on the object itself; `rbac` and `disruption_budgets` on the API (`@kubernetes`).
"""
