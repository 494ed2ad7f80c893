# A restart with other frontends: what is dropped is ended, what goes on goes on, and the path leads to the device.
# kernels: one
# seconds: 400

. /lab/library/supervised.sh
modprobe cuse
has_line() { grep -qx -- "$2" "/run/$1.log"; }
is_ours() { [ "$(mounts_at $device)" = 1 ]; }
mounts_at() { grep -c " $1 .* fuse.sysgenid " /proc/self/mountinfo; }
watchers_are() { [ "$(cat /run/sysgenid/watchers)" = "$1" ]; }

# The options may change from one daemon to the next.
cat >/run/changing <<'PROGRAM'
#!/bin/sh
exec sysgenidd $(cat /run/options)
PROGRAM
chmod +x /run/changing
supervise_changing() {
    : >/run/daemon.log
    rm -f /run/notify
    start daemon TestClient supervise /run/notify /run/changing
    daemon=$pid
    served=0
    until_true 20 has_served_again || give_up "the daemon serves: $(tail -n 1 /run/daemon.log)"
}

# One that has only the character device open: the counter file covers the node, but a node of one's own leads there.
open_character_device() {
    numbers=$(cat /sys/class/cuse/sysgenid/dev)
    rm -f /run/node
    mknod /run/node c "${numbers%:*}" "${numbers#*:}"
    start "$1" TestClient read /run/node
    until_true 10 says "$1" ready || give_up "a client of the character device comes to block"
    sleep 0.2
}

for first in both auto; do
    rm -f /run/*.log
    echo "--frontend $first" >/run/options
    supervise_changing
    attribute_becomes "$first: both are served" frontends "cuse fuse"
    before=$(generation)
    open_character_device ghost
    ghost=$pid
    client reader read
    reader=$pid
    check "$first: both are watchers" until_true 5 watchers_are 2

    echo "--frontend fuse" >/run/options
    replace
    attribute_becomes "$first to fuse: one is served" frontends fuse
    check "$first to fuse: the path leads to it at once" is_ours
    equal "$first to fuse: it is a file" "$(kind_of $device)" "regular file"
    exit_code "$ghost"
    check "$first to fuse: who has the character device open is told" [ "$code" != 0 ]
    check "$first to fuse: the kernel has forgotten the character device" is_gone /sys/class/cuse/sysgenid
    # Before 5.15 the file begins anew, too; none of these kernels is so old.
    check "$first to fuse: who has the file open notices nothing" [ "$(cat /run/reader.log)" = ready ]
    check "$first to fuse: and is the only watcher" until_true 5 watchers_are 1

    replace
    check "the daemon after next has no more watchers" watchers_are 1
    check "and the path leads to it" is_ours

    check "a new client makes a change" TestClient trigger $device
    exit_code "$reader"
    equal "which the reader reads" "$code" 0
    check "as it should" has_line reader $((before + 1))

    # To the character device alone: now the file is dropped, and begins where nothing was.
    client last read
    reader=$pid
    echo "--frontend cuse" >/run/options
    replace
    attribute_becomes "fuse to cuse: one is served" frontends cuse
    equal "fuse to cuse: the node is there" "$(kind_of $device)" "character special file"
    exit_code "$reader"
    check "fuse to cuse: who has the file open is told" [ "$code" != 0 ]
    check "fuse to cuse: nobody is left" until_true 5 watchers_are 0

    client node-reader read
    reader=$pid
    echo "--frontend auto" >/run/options
    replace
    attribute_becomes "cuse to auto: both are served" frontends "cuse fuse"
    check "cuse to auto: the file covers the node" is_ours
    check "cuse to auto: who has the node open notices nothing" [ "$(cat /run/node-reader.log)" = ready ]
    check "one more change" TestClient trigger $device
    exit_code "$reader"
    equal "which that one reads" "$code" 0

    # The node of the device is taken away while it is served.
    echo "--frontend cuse" >/run/options
    replace
    served=$(grep -cx ready /run/daemon.log)
    rm $device
    until_true 20 has_served_again || give_up "a successor serves: $(tail -n 1 /run/daemon.log)"
    equal "a node that was removed is there again" "$(kind_of $device)" "character special file"
    check "the daemon has told so" says daemon "$device was taken away or covered"
    check "and it works" TestClient trigger $device
    stop_daemon
    check "nothing is kept" has_line daemon "0 kept"
done
