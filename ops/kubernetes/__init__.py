"""Kubernetes: objects as hosts (`@kubernetes/NAMESPACE/RESOURCE/NAME`), pods as hosts (`@pod/…`).

Operations: `objects` (patch, server-side apply, ConfigMap, CronJob, annotations) and `cron_jobs` on
the object itself; `rbac` on the API (`@kubernetes`).
"""
