"""Kafka as Strimzi runs it: the operator, its resources, and what clients get to see."""
