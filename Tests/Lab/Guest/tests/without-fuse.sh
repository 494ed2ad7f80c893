# There is no FUSE for the daemon: /dev/fuse is not there.

modprobe cuse
rm -f /dev/fuse
start_daemon --frontend fuse
exit_code "$daemon"
equal "--frontend fuse ends" "$code" 1
check "and names the remedy" says daemon "load the kernel's module with 'modprobe fuse'"
check "nothing is left" is_gone $device

serve --frontend auto
equal "--frontend auto goes on with the character device" "$(frontends)" cuse
check "and warns of the missing mmap" says daemon "the device cannot be mapped"
client reader read
TestClient trigger $device
exit_code "$pid"
equal "which works" "$code" 0
stop_daemon
