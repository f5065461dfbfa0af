"""SASL on this site: what the links of the chain are called, and what proves that it is used."""

import re

from pyinfra.api.inventory import Inventory

from ops.api.hosts import only
from ops.gitlab.facts.pipelines import JobTrace, PipelineJobs, Pipelines
from ops.http.watch import ask
from ops.kafka import sasl_chain
from ops.kafka.libraries import named_in
from ops.site import topics
from ops.site.log_evidence import Rules
from ops.site.proof import Search
from ops.site.settings import Kafka, KafkaBroker, Project
from ops.site.settings.kafka import pattern_with_endpoint


def chain_settings(inventory: Inventory) -> sasl_chain.Settings:
    """Return what the links of the chain are called, out of the settings of the inventory."""
    project, broker = Project.of(inventory), KafkaBroker.of(inventory)
    kafka = Kafka.of(inventory)
    return sasl_chain.Settings(
        ci_branch=project.ci_branch,
        ci_file=project.ci_file,
        variable=broker.kafka_password_variable,
        scope=project.ci_variables_scope,
        exported_as=broker.kafka_password_exported_as,
        client_files=broker.kafka_client_files,
        user=broker.kafka_user_name,
        topics=lambda: topics.of_clients(inventory, ask),
        library=lambda: broker.kafka_client_library or _in_a_log(inventory, kafka, project),
        host=broker.kafka_host,
        port=broker.kafka_port,
        logs_in=bool(broker.endpoint.user),
        programs=broker.kafka_programs,
    )


def evidence_search(inventory: Inventory) -> Search:
    """Return where the proof is looked for that clients log in, and what it is."""
    project, broker, kafka = Project.of(inventory), KafkaBroker.of(inventory), Kafka.of(inventory)
    anonymous = f"clients do not log in at port {broker.kafka_port}: the anonymous ones are they"
    return Search(
        project=only(inventory, "project").name,
        ref=project.ci_branch,
        since=kafka.sasl_required_commit,
        jobs=kafka.evidence_jobs,
        rules=Rules(
            wanted=pattern_with_endpoint(inventory, kafka.evidence_wanted),
            producer=kafka.evidence_producer,
            forbidden=[pattern_with_endpoint(inventory, text) for text in kafka.evidence_forbidden],
            failures=kafka.evidence_failures,
            consumer=kafka.evidence_consumer,
        ),
        artifact=kafka.evidence_artifact,
        newest=project.newest_pipelines,
        impossible="" if broker.endpoint.user else anonymous,
    )


def _in_a_log(inventory: Inventory, kafka: Kafka, project: Project) -> str:
    """Return the client's library as the newest log of a job names it; empty where none does."""
    host = only(inventory, "project")
    for pipeline in ask(host, Pipelines, ref=project.ci_branch, newest=project.newest_pipelines):
        jobs = ask(host, PipelineJobs, pipeline=pipeline["id"])
        ended = [job for job in jobs if re.fullmatch(kafka.evidence_jobs, job["name"])]
        for job in (job for job in ended if job["finished_at"] and job["started_at"]):
            found = named_in(ask(host, JobTrace, job=job["id"]))
            if found:
                return found
    return ""
