# What the tests have in common in which the daemon is killed, and its successor takes over.

# supervise OPTIONS...: starts a daemon under a supervisor that keeps descriptors for it.
supervise() {
    : >/run/daemon.log
    rm -f /run/notify
    start daemon TestClient supervise /run/notify "$(command -v sysgenidd)" "$@"
    daemon=$pid
    served=0
    until_true 20 has_served_again || give_up "the daemon serves: $(tail -n 1 /run/daemon.log)"
}
has_served_again() { [ "$(grep -cx ready /run/daemon.log)" -gt "$served" ]; }

# kill_daemon: its successor is started at once.
kill_daemon() {
    served=$(grep -cx ready /run/daemon.log)
    kill -KILL "$(grep '^started' /run/daemon.log | tail -n 1 | cut -d ' ' -f 2)"
}

# replace: kills the daemon and waits until its successor serves.
replace() {
    kill_daemon
    until_true 20 has_served_again || give_up "a successor serves: $(tail -n 1 /run/daemon.log)"
}
