# The module cuse is not loaded.

modprobe fuse
check "there is no /dev/cuse" is_gone /dev/cuse
start_daemon --frontend cuse
exit_code "$daemon"
equal "--frontend cuse ends" "$code" 1
check "and names the remedy" says daemon "load the kernel's module with 'modprobe cuse'"
equal "in one line" "$(grep -c 'error:' /run/daemon.log)" 1
check "nothing is left" is_gone $device

start_daemon --frontend both
exit_code "$daemon"
equal "--frontend both ends, too" "$code" 1
check "nothing is left of it either" is_gone $device
check "nothing is left mounted" is_unmounted

serve --frontend auto
equal "--frontend auto goes on with the counter file" "$(frontends)" fuse
check "and says why" says daemon "/dev/cuse is missing"
client reader read
TestClient trigger $device
exit_code "$pid"
equal "which works" "$code" 0
stop_daemon

modprobe cuse
serve --frontend auto
equal "with the module it has both" "$(frontends)" "cuse fuse"
stop_daemon
