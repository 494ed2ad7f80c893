# Both frontends on one path: the counter file lies over the character device.
# seconds: 240

modprobe cuse
serve --frontend auto
equal "the frontends" "$(frontends)" "cuse fuse"
check "the character device is registered" [ -e /sys/class/cuse/sysgenid ]
check "the counter file is mounted" is_mounted
equal "the kind of the device" "$(kind_of $device)" "regular file"
check "nothing is said of a missing mmap" is_silent daemon "the device cannot be mapped"
if has passthrough; then expectation=full; else expectation=page-cache; fi
conformance --expect $expectation --opens 1000
check "the character device stayed" [ -e /sys/class/cuse/sysgenid ]
stop_daemon
check "the character device is gone" is_gone /sys/class/cuse/sysgenid
