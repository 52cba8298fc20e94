#!/bin/sh
# Writes transform/testdata/log4j: logs of the real log4j 2, as mailboxd makes
# them, and what is true of each. Needs a JDK 17 and log4j 2.19 (Debian:
# openjdk-17-jdk-headless liblog4j2-java); LOG4J_DIR is where its jars are.
#
#   extended.log  the trace as log4j 2 writes it, with the jar of each frame
#   plain.log     the trace as log4j 1 and Java itself write it
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/../../transform/testdata/log4j}
jars=${LOG4J_DIR:-/usr/share/java}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work/classes" "$out"
javac -Xlint:all,-processing -cp "$jars/log4j-api.jar:$jars/log4j-core.jar" -d "$work/classes" "$here/Fixtures.java"
jar --create --file "$work/fixtures.jar" -C "$work/classes" .

run() { # name, converter of the throwable
    rm -f "$out/$1.log"
    java -cp "$work/fixtures.jar:$jars/log4j-api.jar:$jars/log4j-core.jar" \
        -Duser.timezone=Europe/Berlin -Dlog4j2.disable.jmx=true \
        -Dlog4j.Clock='org.example.mail.Fixtures$ScriptClock' \
        -Dlog4j2.configurationFile="file://$here/log4j2.xml" \
        -Dfixtures.file="$out/$1.log" -Dfixtures.throwable="$2" \
        org.example.mail.Fixtures "$out/$1.log" "$out/$1.tsv"
}
run extended ''
run plain '%ex'
