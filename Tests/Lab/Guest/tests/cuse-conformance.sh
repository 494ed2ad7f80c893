# The whole interface on a real character device. It cannot be mapped: the rows about mmap expect ENODEV.
# seconds: 240

modprobe cuse
serve --frontend cuse
equal "the frontend" "$(frontends)" cuse
equal "the kind of the device" "$(kind_of $device)" "character special file"
check "the daemon warns of the missing mmap" says daemon "the device cannot be mapped"
conformance --opens 1000
stop_daemon
