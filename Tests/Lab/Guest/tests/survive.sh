# The daemon is killed while clients block, and its successor goes on where it was: no client notices.
# kernels: one
# seconds: 120

. /lab/library/supervised.sh
modprobe cuse
has_line() { grep -qx -- "$2" "/run/$1.log"; }

for frontend in cuse auto; do
    rm -f /run/*.log
    supervise --frontend $frontend
    first=$(($(generation) + 1))
    client reader read 2
    reader=$pid
    client poller poll
    poller=$pid
    client edge epoll
    edge=$pid
    replace
    replace
    sleep 0.2
    check "$frontend: the daemon says that it takes over" says daemon "with 3 watchers"
    check "$frontend: a blocked read stays blocked" [ "$(cat /run/reader.log)" = ready ]
    check "$frontend: a sleeping poll sleeps on" [ "$(cat /run/poller.log)" = ready ]
    check "$frontend: and an edge-triggered one" [ "$(cat /run/edge.log)" = ready ]
    check "$frontend: a new client makes a change" TestClient trigger $device
    check "$frontend: the read returns it" until_true 5 has_line reader "$first"
    exit_code "$poller"
    equal "$frontend: the poll ends well" "$code" 0
    check "$frontend: as it should" has_line poller POLLIN
    check "$frontend: the edge is told" until_true 5 has_line edge EPOLLIN
    replace
    sleep 0.3
    equal "$frontend: and told once" "$(grep -cx EPOLLIN /run/edge.log)" 1
    check "$frontend: one more change" TestClient trigger $device
    exit_code "$reader"
    equal "$frontend: the reader ends well" "$code" 0
    equal "$frontend: it has read each generation once" "$(echo $(cat /run/reader.log))" "ready $first $((first + 1))"
    kill $edge

    client overseer wait
    overseer=$pid
    client short expire 3000
    replace
    check "$frontend: a change ends the wait" TestClient trigger $device
    exit_code "$overseer"
    equal "$frontend: with EINTR" "$code" 4

    client victim read
    victim=$pid
    replace
    kill -KILL "$victim"
    exit_code "$victim"
    equal "$frontend: SIGKILL ends a client that was taken over" "$code" 137

    client last read
    reader=$pid
    stop_daemon
    exit_code "$reader"
    equal "$frontend: a stop ends what waits with ENODEV" "$code" 19
    check "$frontend: nothing is kept" has_line daemon "0 kept"
done
