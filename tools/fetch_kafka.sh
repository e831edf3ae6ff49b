#!/usr/bin/env bash
# Puts the jars of one Apache Kafka broker into .cache/kafka/lib, from Maven Central by Maven itself
# (tests/kafka/pom.xml says which). Does nothing when they are there already.
set -euo pipefail
cd "$(dirname "$0")/.."
target=$PWD/.cache/kafka/lib
ls "$target"/kafka_*.jar >/dev/null 2>&1 && exit 0
echo "fetching Kafka's jars with Maven"
mkdir -p "$target"
mvn --quiet --batch-mode --file tests/kafka/pom.xml \
  org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
  -DincludeScope=runtime -DoutputDirectory="$target"
