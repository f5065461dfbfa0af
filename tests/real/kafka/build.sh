#!/bin/sh
# usage: build.sh VERSION DIRECTORY     (Kafka's programs, in the folders of its distribution)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
version=$1
mkdir -p "$2"
home=$(cd "$2" && pwd)
rm -rf "$home/libs" "$home/bin" "$home/config"
mkdir "$home/bin" "$home/config"
mvn --quiet --batch-mode --file "$here/pom.xml" --activate-profiles "$version" \
    dependency:copy-dependencies -DoutputDirectory="$home/libs"
for program in acls broker-api-versions configs console-consumer console-producer get-offsets server-start storage topics; do
    cp "$here/program.sh" "$home/bin/kafka-$program.sh"
    chmod +x "$home/bin/kafka-$program.sh"
done
# What Kafka's tools-log4j and log4j configurations say: tools warn on stderr; a broker's log is its output.
for log in tools:WARN:stderr:SYSTEM_ERR server:INFO:stdout:SYSTEM_OUT; do
    IFS=: read -r name level stream target <<END
$log
END
    java_stream=System.${stream#std}
    cat >"$home/config/$name-log4j.properties" <<END
log4j.rootLogger=$level, console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=[%d] %p %m (%c)%n
log4j.appender.console.Target=$java_stream
END
    cat >"$home/config/$name-log4j2.properties" <<END
rootLogger = $level, console
appender.console.type = Console
appender.console.name = console
appender.console.target = $target
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d] %p %m (%c)%n
END
done
# The classes as Java has them once it has read them: a program starts in half of the time.
KAFKA_OPTS="-XX:ArchiveClassesAtExit=$home/tools.jsa" \
    "$home/bin/kafka-broker-api-versions.sh" --bootstrap-server 127.0.0.1:9 >/dev/null 2>&1 || :
touch "$home/.built"
