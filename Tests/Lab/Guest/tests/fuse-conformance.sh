# The whole interface on the counter file: with passthrough, or from the page cache with its limits.
# seconds: 240

modprobe fuse
serve --frontend fuse
equal "the frontend" "$(frontends)" fuse
equal "the kind of the device" "$(kind_of $device)" "regular file"
if has passthrough; then
    check "mmap is native" says daemon "by fuse (native mmap)"
    conformance --expect full --opens 1000
else
    check "mmap is of the page cache" is_silent daemon "native mmap"
    conformance --expect page-cache --opens 1000
fi
stop_daemon
