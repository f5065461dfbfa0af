"""Kafka as Strimzi's operator runs it.

Operations: `super_users.super_users_removed` on the Kafka resource; `sasl_chain.verified` on a
broker's pod.
"""
