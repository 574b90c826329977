# shellcheck shell=bash
# Starts dockerd so that it outlives the script, and waits until it answers.

: "${engine_home:?}" "${log_dir:?}"
run_dir=/run/kedge-engine
dockerd_log=$log_dir/dockerd.log
start_timeout_s=60

# Bounded, because a dockerd that hangs accepts the connection and stays silent.
daemon_answers() { within 10 docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

start_daemon() {
  local started=$SECONDS dockerd_pid=''
  say 'starting dockerd'
  until daemon_answers; do
    if [[ -n $dockerd_pid ]]; then
      kill -0 "$dockerd_pid" 2>/dev/null || give_up 'dockerd ended while it started'
    # One that lives and does not answer is still starting, or just stopping.
    elif ! names_living "$run_dir/docker.pid" dockerd; then
      launch_detached
    fi
    ((SECONDS - started < start_timeout_s)) || give_up "dockerd does not answer after $start_timeout_s s"
    sleep 0.2
  done
  migrate_connections
  say "dockerd $(docker version --format '{{.Server.Version}}') answers after $((SECONDS - started)) s"
}

# Of two listeners on one port that one closes, the other gets whoever still waits for the first. Linux 5.14, and for root; else the kernel
# resets them.
migrate_connections() { echo 1 2>/dev/null >/proc/sys/net/ipv4/tcp_migrate_req || true; }

give_up() {
  show_end "$dockerd_log"
  fail "$1" "read the log, end a dockerd that hangs (kill \$(cat $run_dir/docker.pid)) and start again"
}

# setsid and closed files: whoever waits for the end of our output, for example CI on a pipe, does not wait for dockerd.
launch_detached() {
  mkdir -p "$run_dir" "$log_dir"
  write_daemon_config
  forget_dead_process "$run_dir/docker.pid" dockerd
  forget_dead_process "$run_dir/containerd/containerd.pid" containerd
  [[ ! -e $dockerd_log ]] || mv "$dockerd_log" "$dockerd_log.1"
  (
    close_inherited_files
    cd /
    umask 022
    ulimit -n "$(ulimit -Hn)"
    PATH=$engine_home/bin:$PATH exec setsid dockerd --config-file "$engine_home/daemon.json"
  ) </dev/null >"$dockerd_log" 2>&1 &
  dockerd_pid=$!
}

# A killed engine leaves its pid files behind, and by now the numbers may belong to anybody.
forget_dead_process() { names_living "$@" || rm -f "$1"; }

# names_living PID_FILE PROGRAM. A zombie still has its number and its name, but no program any more.
names_living() { [[ $(readlink "/proc/$(cat "$1" 2>/dev/null)/exe") == */"$2" ]]; }

close_inherited_files() {
  local file
  for file in /proc/self/fd/*; do
    file=${file##*/}
    ((file <= 2)) || eval "exec $file>&-"
  done
}

write_daemon_config() {
  local mtu
  mtu=$(outgoing_mtu)
  # Registries on 127.0.0.0/8 need no TLS: that is Docker's default.
  # Where the way out carries less than 1500 bytes, large packets from containers would be lost without its MTU.
  cat >"$engine_home/daemon.json" <<JSON
{
  "data-root": "$engine_home/docker",
  "exec-root": "$run_dir",
  "pidfile": "$run_dir/docker.pid",
  "live-restore": false,
  "log-opts": { "max-size": "10m", "max-file": "2" },
  "mtu": $mtu,
  "default-network-opts": { "bridge": { "com.docker.network.driver.mtu": "$mtu" } }
}
JSON
}

outgoing_mtu() {
  local device
  device=$(awk '$2 == "00000000" { print $1; exit }' /proc/net/route)
  cat "/sys/class/net/$device/mtu" 2>/dev/null || echo 1500
}
