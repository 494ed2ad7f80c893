# The daemon is asked to end while clients block.
# kernels: one

modprobe cuse
for frontend in cuse auto; do
    serve --frontend $frontend
    client $frontend-overseer wait
    overseer=$pid
    client $frontend-reader read 2
    reader=$pid
    client $frontend-poller poll
    poller=$pid
    stop_daemon
    exit_code "$reader"
    equal "$frontend: read ends with ENODEV" "$code" 19
    exit_code "$overseer"
    equal "$frontend: the overseer's wait ends with ENODEV" "$code" 19
    exit_code "$poller"
    equal "$frontend: poll ends" "$code" 0
    check "$frontend: poll tells of the end" says $frontend-poller POLLERR
    check "$frontend: the name is free" is_gone /sys/class/cuse/sysgenid
    left="generation lock page state"
    [ $frontend = cuse ] || left="device-table devices generation lock page pages state"
    equal "$frontend: what is left" "$(echo $(ls /run/sysgenid))" "$left"
done
