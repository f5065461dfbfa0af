#!/bin/sh
# One of Kafka's programs, by the name of this file: a registry has the jars of Kafka, and not its scripts. What bin/kafka-run-class.sh
# makes of the environment and of the arguments is the same here; the rest of the options only saves time.
set -eu
home=$(cd "$(dirname "$0")/.." && pwd)
case "$home" in *-3.*) admin=kafka.admin ;; *) admin=org.apache.kafka.tools ;; esac
tools=org.apache.kafka.tools
program=$(basename "$0" .sh)
case $program in
    kafka-acls) class=$admin.AclCommand ;;
    kafka-broker-api-versions) class=$admin.BrokerApiVersionsCommand ;;
    kafka-configs) class=$admin.ConfigCommand ;;
    kafka-console-consumer) class=$tools.consumer.ConsoleConsumer ;;
    kafka-console-producer) class=$tools.ConsoleProducer ;;
    kafka-get-offsets) class=$tools.GetOffsetShell ;;
    kafka-server-start) class=kafka.Kafka ;;
    kafka-storage) class=kafka.tools.StorageTool ;;
    kafka-topics) class=$tools.TopicCommand ;;
esac
case $program in kafka-server-start) log=server ;; *) log=tools ;; esac
archive=
[ $log = tools ] && [ -f "$home/tools.jsa" ] && archive="-XX:SharedArchiveFile=$home/tools.jsa"
# shellcheck disable=SC2086 # options, as Kafka's own scripts take them
exec java ${KAFKA_HEAP_OPTS:--Xmx256M} -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -Djava.awt.headless=true \
    -Dlog4j.configuration="file:$home/config/$log-log4j.properties" \
    -Dlog4j2.configurationFile="$home/config/$log-log4j2.properties" \
    $archive ${KAFKA_OPTS:-} -cp "$home/libs/*" "$class" "$@"
