#!/bin/sh
# What a container of this image does, by its first argument:
#
#   start     everything in one container, with private PostgreSQL and Valkey (or those of the addresses given)
#   secrets   make the database's password in the file POSTGRES_PASSWORD_FILE, once
#   migrate   bring the database up to date, make the owner and the first project, and end
#   web       the web server
#   worker    a background worker
#   COMMAND   anything else is run as it is; `label-studio start` then listens to other containers, too
#
# The variables are those of the Flask era's image (PROJECT_NAME, HOST, PORT, PROTOCOL, USERNAME, PASSWORD,
# INIT_COMMAND) and those of docs/operators.md, which win.
set -eu

PROJECT_NAME=${PROJECT_NAME:-my_project}
PORT=${PORT:-8080}
here=$(dirname "$0")

fail() {
  echo "docker-entrypoint: $*" >&2
  exit 2
}

# Everybody who talks to a container comes from outside it; HOST says how they call it.
set_addresses() {
  protocol=${PROTOCOL:-http://}
  case ${HOST:-} in
    '' | 0.0.0.0 | 127.0.0.1 | localhost | '::' | '*') ;;
    *) : "${LABEL_STUDIO_HOST:=$protocol$HOST$(port_suffix "$protocol")}" ;;
  esac
  if [ -n "${LABEL_STUDIO_HOST:-}" ]; then
    export LABEL_STUDIO_HOST
    name=${LABEL_STUDIO_HOST#*://}
    name=${name%%/*}
    case $name in *:[0-9]*) name=${name%:*} ;; esac
    : "${ALLOWED_HOSTS:=localhost,127.0.0.1,$name}"
  fi
  export ALLOWED_HOSTS="${ALLOWED_HOSTS:-*}"
  if [ "$protocol" = https:// ]; then # a proxy in front speaks TLS
    export SERVED_OVER_HTTPS="${SERVED_OVER_HTTPS:-true}" BEHIND_PROXY="${BEHIND_PROXY:-true}"
  fi
}

port_suffix() {
  case $1$PORT in http://80 | https://443) ;; *) echo ":$PORT" ;; esac
}

set_database_url() {
  if [ -z "${DATABASE_URL:-}" ] && [ -n "${POSTGRES_PASSWORD_FILE:-}" ]; then
    password=$(cat "$POSTGRES_PASSWORD_FILE")
    user=${POSTGRES_USER:-label_studio}
    export DATABASE_URL="postgresql://$user:$password@${POSTGRES_HOST:-postgres}/${POSTGRES_DB:-$user}"
  fi
}

use_shared_servers() {
  set_database_url
  [ -n "${DATABASE_URL:-}" ] || fail "the role $1 needs DATABASE_URL (or POSTGRES_PASSWORD_FILE)."
  [ -n "${REDIS_URL:-}" ] || fail "the role $1 needs REDIS_URL."
  export LABEL_STUDIO_DIR="${LABEL_STUDIO_DIR:-$PWD/$PROJECT_NAME}"
  if [ -n "${PASSWORD:-}" ]; then
    export BASIC_AUTH_USERNAME="${BASIC_AUTH_USERNAME:-${USERNAME:-ls}}"
    export BASIC_AUTH_PASSWORD="${BASIC_AUTH_PASSWORD:-$PASSWORD}"
  fi
}

# `--force` makes the project anew, and a container that merely restarts must not: it keeps its host name.
init_options() {
  options=${INIT_COMMAND---init}
  case " $options " in
    *' --force '*)
      made=".$PROJECT_NAME.made-by-$(hostname)"
      if [ -e "$made" ]; then
        options=--init
      else
        touch "$made"
      fi
      ;;
  esac
  echo "$options"
}

start() {
  set -- "$PROJECT_NAME" --no-browser --host 0.0.0.0 --port "$PORT"
  if [ -n "${USERNAME:-}" ]; then set -- "$@" --username "$USERNAME"; fi
  if [ -n "${PASSWORD:-}" ]; then set -- "$@" --password "$PASSWORD"; fi
  # shellcheck disable=SC2046 # INIT_COMMAND is a list of options
  exec label-studio start "$@" $(init_options)
}

make_secrets() {
  [ -n "${POSTGRES_PASSWORD_FILE:-}" ] || fail 'the role secrets needs POSTGRES_PASSWORD_FILE.'
  [ -s "$POSTGRES_PASSWORD_FILE" ] && exit 0
  # The database's own account reads it, too; only the two see the volume.
  python -c 'import secrets; print(secrets.token_hex(24))' >"$POSTGRES_PASSWORD_FILE.new"
  chmod 0444 "$POSTGRES_PASSWORD_FILE.new"
  mv "$POSTGRES_PASSWORD_FILE.new" "$POSTGRES_PASSWORD_FILE"
}

run_given_command() {
  if [ "$1 ${2:-}" = 'label-studio start' ]; then
    case " $* " in *' --host'*) ;; *) set -- "$@" --host 0.0.0.0 ;; esac
    set -- "$@" --no-browser
  fi
  exec "$@"
}

set_addresses
case ${1:-start} in
  start)
    set_database_url
    start
    ;;
  secrets) make_secrets ;;
  migrate)
    use_shared_servers migrate
    exec python "$here/prepare_instance.py"
    ;;
  web)
    use_shared_servers web
    exec python -m gunicorn label_studio_server.wsgi:application --preload --bind "0.0.0.0:$PORT" \
      --config python:label_studio_server.gunicorn_conf
    ;;
  worker)
    use_shared_servers worker
    # Background work gives way to the other roles where they share a machine.
    exec nice -n 5 python -m celery --app label_studio_server.celery:app worker --without-gossip --without-mingle \
      --concurrency "${WORKER_PROCESSES:-2}" --loglevel "${LOG_LEVEL:-INFO}"
    ;;
  *) run_given_command "$@" ;;
esac
