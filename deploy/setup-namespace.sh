#!/bin/sh
# Waits for the server, then makes the namespace and garland's search attributes. Leaves alone what is there already.
#
# TEMPORAL_ADDRESS    host:port of the server
# TEMPORAL_NAMESPACE  default, if unset
# GARLAND_RETENTION   how long runs that have ended can be looked at, for a namespace that is made; 720h if unset
# TEMPORAL            the program temporal, if it isn't on PATH under that name
set -eu

: "${TEMPORAL_ADDRESS:?}"
export TEMPORAL_ADDRESS
NAMESPACE=${TEMPORAL_NAMESPACE:-default}
TEMPORAL=${TEMPORAL:-temporal}

# try SECONDS WHAT COMMAND...: until it succeeds
try() {
  left=$1
  what=$2
  shift 2
  until output=$("$@" 2>&1); do
    left=$((left - 1))
    [ "$left" -gt 0 ] || {
      echo "setup-namespace: $what: $output" >&2
      exit 1
    }
    sleep 1
  done
}

has_search_attribute() {
  "$TEMPORAL" operator search-attribute list --namespace "$NAMESPACE" | grep -qw "$1"
}

add_search_attribute() {
  has_search_attribute "$1" ||
    "$TEMPORAL" operator search-attribute create --namespace "$NAMESPACE" --name "$1" --type Keyword
}

try 120 "the server at $TEMPORAL_ADDRESS does not answer" "$TEMPORAL" operator cluster health

if "$TEMPORAL" operator namespace describe --namespace "$NAMESPACE" >/dev/null 2>&1; then
  echo "setup-namespace: $NAMESPACE is there"
else
  "$TEMPORAL" operator namespace create --namespace "$NAMESPACE" --retention "${GARLAND_RETENTION:-720h}"
fi

# A new namespace takes some seconds to be known everywhere.
for name in GarlandProject; do
  try 60 "search attribute $name" add_search_attribute "$name"
  try 60 "search attribute $name" has_search_attribute "$name"
done
echo 'setup-namespace: done'
