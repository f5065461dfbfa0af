"""Kafka as Strimzi's operator runs it.

Operations: `super_users.absent` and `.verification` on the Kafka resource;
`sasl_chain.verification` on a broker's pod.
"""
