# Mode and group of the device, and what users may do with it.
# kernels: one

modprobe cuse

# What ends by itself, on a machine that has other things to do, too.
as() {
    user=$1
    shift
    su "$user" -c "timeout ${limit:-20} $*" >"/run/as-$user.log" 2>&1 9>&-
    code=$?
}

# What says that it is ready, and then waits.
briefly_as() {
    limit=3
    as "$@"
    limit=
}

# What outsiders and members of the group may do, where the mode is the usual one.
users() {
    briefly_as outsider TestClient poll $device
    check "$1: an outsider may open for reading and poll" says as-outsider ready
    as outsider TestClient read $device
    equal "$1: an outsider may not open for writing" "$code" 13
    check "$1: and hears why" says as-outsider "open: Permission denied"
    as outsider sysgenidctl trigger
    equal "$1: an outsider may not trigger" "$code" 4
    as outsider sysgenidctl status
    equal "$1: an outsider may ask for the status" "$code" 0
    briefly_as member TestClient read $device
    check "$1: a member may open for writing and read" says as-member ready
    as member sysgenidctl trigger
    equal "$1: a member may not trigger" "$code" 4
}

for frontend in cuse fuse auto; do
    serve --frontend $frontend
    equal "$frontend: mode and group" "$(access_of $device)" "664 sysgenid"
    equal "$frontend: owner" "$(stat -c %U $device)" root
    users $frontend
    stop_daemon

    serve --frontend $frontend --mode 0600 --group others
    equal "$frontend: mode and group that are asked for" "$(access_of $device)" "600 others"
    as outsider TestClient poll $device
    equal "$frontend: the mode keeps outsiders out" "$code" 13
    as member TestClient poll $device
    equal "$frontend: and members of the usual group" "$code" 13
    stop_daemon
done

start_daemon --frontend cuse --group nobodys
exit_code "$daemon"
equal "a group that is not there" "$code" 1
check "the daemon says which group is missing" says daemon "there is no group nobodys"
check "no node is left of it" is_gone $device
