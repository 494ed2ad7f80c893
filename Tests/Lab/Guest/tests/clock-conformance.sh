# The pages in the layout of a vmclock behave as those of the kernel's driver, the system's and a container's.
# seconds: 120

modprobe fuse
serve --frontend fuse
devices=/run/sysgenid/devices
mkdir $devices/containers/web

# conform PAGE DEVICE
conform() {
    SYSGENID_REQUIRE_ALL=1 sysgenid-conformance --device "$2" --vmclock "$1" >/run/clock.log 2>&1 9>&-
    equal "every row of $1" "$? $(tail -n 1 /run/clock.log)" "0 14 passed, 0 failed"
    sed 's/^/    /' /run/clock.log
}
conform $devices/vmclock0 $devices/sysgenid
conform $devices/containers/web/vmclock0 $devices/containers/web/sysgenid
stop_daemon
