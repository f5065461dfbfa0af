"""Brings messages with one time stamp, without a login. usage: ADDRESS TOPIC MILLISECONDS NUMBER"""

import sys

import confluent_kafka

address, topic, time, messages = sys.argv[1:]
producer = confluent_kafka.Producer({"bootstrap.servers": address})
for _ in range(int(messages)):
    producer.produce(topic, b"x", timestamp=int(time))
sys.exit(producer.flush(120))
