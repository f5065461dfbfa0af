#!/bin/sh
# kafka-console-producer.sh of Kafka 4.4.0 ends with 0 although the message that it was given was refused:
# here one that is longer than the topic takes (the same holds for a topic that the user may not write to).
# The failure is a line of its log alone, so a script that relies on the exit code takes it for delivered. It
# needs Maven, Java and Python.
#
# Seen:
#   exit code 0
#   short:0:0
set -eu
folder=$(mktemp -d)
broker=
trap '[ -z "$broker" ] || kill "$broker"; rm -rf "$folder"' EXIT
cd "$folder"
cat >pom.xml <<'END'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>finding</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>4.4.0</version></dependency>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>4.4.0</version></dependency>
  </dependencies>
</project>
END
mvn --quiet --batch-mode dependency:copy-dependencies -DoutputDirectory=libs >&2
kafka() { class=$1; shift; java -Xmx256m -cp 'libs/*' "$class" "$@" 2>>log; }
tool() { name=$1; shift; kafka "org.apache.kafka.tools.$name" --bootstrap-server "127.0.0.1:$port" "$@"; }
# shellcheck disable=SC2046 # three numbers
set -- $(python3 -c '
import socket
free = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
print(*(server.getsockname()[1] for server in free))')
port=$1 controller=$2
cat >server.properties <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
controller.listener.names=CONTROLLER
inter.broker.listener.name=INTERNAL
listeners=PLAIN://127.0.0.1:$port,INTERNAL://127.0.0.1:$3,CONTROLLER://127.0.0.1:$controller
advertised.listeners=PLAIN://127.0.0.1:$port,INTERNAL://127.0.0.1:$3
listener.security.protocol.map=PLAIN:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=data
offsets.topic.replication.factor=1
END
kafka kafka.tools.StorageTool format --cluster-id kZ8mJ3bqT2yX0cQm1v7w5A --config server.properties >>log
java -Xmx256m -cp 'libs/*' kafka.Kafka server.properties >>log 2>&1 &
broker=$!
for _ in $(seq 60); do tool BrokerApiVersionsCommand >>log && break; sleep 1; done
{
    tool TopicCommand --create --topic short --partitions 1 --config max.message.bytes=100 >>log
    code=0
    head -c 500 /dev/zero | tr '\0' x | tool ConsoleProducer --topic short >>log || code=$?
    echo "exit code $code"
    tool GetOffsetShell --topic short --time latest
} | tee seen
cat >expected <<'END'
exit code 0
short:0:0
END
diff expected seen
