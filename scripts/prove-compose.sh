#!/usr/bin/env bash
# Sets up what docker-compose.yml describes, without Docker: PostgreSQL from the system, the Temporal server built with Go,
# and the scripts and the dynamic configuration of deploy/ as they are. Each job runs twice, and the server starts twice on
# the same database, as with a second `docker compose up`. The Web UI and the worker's image aren't part of it.
#
#   scripts/prove-compose.sh                 leaves it running until Ctrl-C
#   scripts/prove-compose.sh npm run demo    runs a command with TEMPORAL_ADDRESS set, and ends with its exit code
#
# Needs Go, and PostgreSQL or root on Debian. The first time takes minutes. All of its data is gone afterwards.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
version=v1.29.1
tools=${XDG_CACHE_HOME:-$HOME/.cache}/garland/prove-compose/$version
work=$(mktemp -d)
server=''

say() { printf 'prove-compose: %s\n' "$*" >&2; }

main() {
  trap clean_up EXIT
  trap 'exit 130' INT TERM
  [ -f "$root/dist/src/temporal/binary.js" ] || { say 'build garland first: npm run build'; exit 2; }
  install_tools
  read -r pg grpc http matching history worker m1 m2 m3 m4 < <(free_ports 10)
  start_postgres

  export POSTGRES_SEEDS=127.0.0.1 POSTGRES_USER=temporal POSTGRES_PWD=secret DB_PORT=$pg
  export SQL_TOOL=$tools/sql SCHEMA_DIR=$sources/schema/postgresql/v12
  export TEMPORAL_ADDRESS=127.0.0.1:$grpc TEMPORAL
  TEMPORAL=$(find_temporal)

  "$tools/server" validate-dynamic-config "$root/deploy/dynamic-config.yaml"
  for round in first second; do
    say "$round start: schema job, server, namespace job"
    timed sh "$root/deploy/setup-schema.sh"
    start_server
    timed sh "$root/deploy/setup-namespace.sh"
    [ "$round" = second ] || stop_server
  done
  check

  unset POSTGRES_SEEDS POSTGRES_USER POSTGRES_PWD DB_PORT SQL_TOOL SCHEMA_DIR TEMPORAL
  say "TEMPORAL_ADDRESS=$TEMPORAL_ADDRESS"
  if [ $# -gt 0 ]; then
    "$@"
  else
    say 'Ctrl-C ends it'
    wait "$server"
  fi
}

install_tools() {
  command -v pg_ctl >/dev/null || PATH=$PATH:$(find_postgres)
  command -v pg_ctl >/dev/null || {
    say 'installing PostgreSQL'
    apt-get install -y postgresql >"$work/apt.log" 2>&1 || fail 'PostgreSQL is missing and could not be installed' "$work/apt.log"
    PATH=$PATH:$(find_postgres)
  }
  mkdir -p "$tools"
  say "building the Temporal server $version with Go, some minutes at first"
  (
    cd "$work"
    for program in cmd/server cmd/tools/sql; do
      GOBIN=$tools GOFLAGS='' GOWORK=off nice -n 10 go install "go.temporal.io/server/$program@$version"
    done
  ) 2>"$work/go.log" || fail 'go install failed' "$work/go.log"
  sources=$(cd "$work" && GOFLAGS='' GOWORK=off go mod download -json "go.temporal.io/server@$version" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
}

find_postgres() { printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1; }

find_temporal() {
  node --input-type=module -e "
    const { findTemporalCli } = await import('$root/dist/src/temporal/binary.js');
    console.log(await findTemporalCli());"
}

# Below 32768: the server keeps its ports in a smallint.
free_ports() {
  node -e "
    const { createServer } = require('net');
    const listen = (port) => new Promise((done) => {
      const server = createServer().on('error', () => done()).listen(port, '127.0.0.1', () => done(server));
    });
    (async () => {
      const servers = [];
      for (let port = 20000 + (process.pid % 10000); servers.length < $1; port++) {
        const server = await listen(port);
        if (server) servers.push(server);
      }
      console.log(servers.map((server) => server.address().port).join(' '));
      for (const server of servers) server.close();
    })();"
}

# PostgreSQL refuses to run as root.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- env PATH="$PATH" "$@"); else "$@"; fi
}

start_postgres() {
  mkdir "$work/postgres"
  [ "$(id -u)" != 0 ] || { chmod 711 "$work" && chown postgres "$work/postgres"; }
  echo secret >"$work/password" && chmod 644 "$work/password"
  as_postgres initdb -D "$work/postgres/data" -U temporal --pwfile "$work/password" -A scram-sha-256 >"$work/initdb.log" 2>&1 ||
    fail 'initdb failed' "$work/initdb.log"
  as_postgres pg_ctl start -w -D "$work/postgres/data" -l "$work/postgres/log" \
    -o "-p $pg -c listen_addresses=127.0.0.1 -c unix_socket_directories=$work/postgres" >/dev/null ||
    fail 'PostgreSQL did not start' "$work/postgres/log"
  say "$(postgres --version), port $pg"
}

start_server() {
  DB=postgres12 VISIBILITY_DB_PORT=$pg BIND_ON_IP=127.0.0.1 LOG_LEVEL=warn \
    DYNAMIC_CONFIG_FILE_PATH=$root/deploy/dynamic-config.yaml \
    FRONTEND_GRPC_PORT=$grpc FRONTEND_HTTP_PORT=$http MATCHING_GRPC_PORT=$matching HISTORY_GRPC_PORT=$history \
    WORKER_GRPC_PORT=$worker FRONTEND_MEMBERSHIP_PORT=$m1 MATCHING_MEMBERSHIP_PORT=$m2 HISTORY_MEMBERSHIP_PORT=$m3 \
    WORKER_MEMBERSHIP_PORT=$m4 \
    "$tools/server" --root "$sources" --config config --env docker --allow-no-auth start >>"$work/server.log" 2>&1 &
  server=$!
}

stop_server() {
  kill "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  server=''
}

check() {
  "$TEMPORAL" operator cluster health
  "$TEMPORAL" operator cluster system | sed 's/^/  /'
  "$TEMPORAL" operator namespace describe --namespace default | grep -i -e retention
  "$TEMPORAL" operator search-attribute list --namespace default | grep Garland
}

timed() {
  local before=$SECONDS
  "$@" >"$work/job.log" 2>&1 || fail "failed: $*" "$work/job.log"
  say "$(basename "${*: -1}"): $((SECONDS - before)) s"
}

fail() {
  tail -n 30 "$2" >&2
  [ ! -s "$work/server.log" ] || tail -n 5 "$work/server.log" >&2
  say "$1"
  exit 1
}

clean_up() {
  [ -z "$server" ] || stop_server
  [ ! -d "$work/postgres/data" ] || as_postgres pg_ctl stop -m fast -D "$work/postgres/data" >/dev/null 2>&1 || true
  rm -rf "$work"
}

main "$@"
