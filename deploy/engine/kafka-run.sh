#!/bin/bash
# KAFKA_… variables become server.properties; the storage is formatted once; then the broker runs.
set -euo pipefail
properties=/tmp/server.properties
while IFS='=' read -r name value; do
    case "$name" in
        KAFKA_HEAP_OPTS) ;;
        KAFKA_*) key=${name#KAFKA_}; key=${key,,}; echo "${key//_/.}=$value" ;;
    esac
done < <(env) > "$properties"
classpath='/opt/kafka/libs/*'
java -Xmx128m -cp "$classpath" kafka.tools.StorageTool format --ignore-formatted \
    -t "$CLUSTER_ID" -c "$properties" > /dev/null
# shellcheck disable=SC2086 - the options are words
exec java ${KAFKA_HEAP_OPTS:--Xmx512m} -cp "$classpath" kafka.Kafka "$properties"
