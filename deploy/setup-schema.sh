#!/bin/sh
# Makes both databases of a Temporal server on PostgreSQL, or brings them up to the version of the tool's schema.
# Does nothing when they are there already, and goes on where an earlier run was cut short.
#
# POSTGRES_SEEDS  host            POSTGRES_USER  user, who may create databases
# POSTGRES_PWD    password        DB_PORT        port, 5432 if unset
# SQL_TOOL        the program temporal-sql-tool, if it isn't on PATH under that name
# SCHEMA_DIR      the folder schema/postgresql/v12 of the server's sources; where the image has it, if unset
set -eu

: "${POSTGRES_SEEDS:?}" "${POSTGRES_USER:?}" "${POSTGRES_PWD:?}"
SQL_TOOL=${SQL_TOOL:-temporal-sql-tool}
SCHEMA_DIR=${SCHEMA_DIR:-/etc/temporal/schema/postgresql/v12}
# By the environment, since arguments are visible to everyone on the machine.
export SQL_PASSWORD="$POSTGRES_PWD"

sql_tool() {
  "$SQL_TOOL" --plugin postgres12 --endpoint "$POSTGRES_SEEDS" --port "${DB_PORT:-5432}" --user "$POSTGRES_USER" "$@"
}

setup() {
  database=$1
  schema=$SCHEMA_DIR/$2/versioned
  [ -d "$schema" ] || {
    echo "setup-schema: $schema does not exist; set SCHEMA_DIR" >&2
    exit 1
  }
  echo "setup-schema: $database"
  sql_tool --database "$database" create-database
  sql_tool --database "$database" setup-schema --version 0.0
  sql_tool --database "$database" update-schema --schema-dir "$schema"
}

setup temporal temporal
setup temporal_visibility visibility
echo 'setup-schema: done'
