# The daemon locks its memory where it may do so without a limit, as the unit allows it, and only there.
# kernels: one
# needs: passthrough
# seconds: 60

locked() { sed -n 's/^VmLck:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$daemon/status"; }

ulimit -l 8192
serve --frontend fuse
equal "nothing is locked under a limit" "$(locked)" 0
stop_daemon

ulimit -l unlimited
serve --frontend fuse
check "the daemon's memory is locked" test "$(locked)" -gt 4096
client reader read
reader=$pid
sysgenidctl trigger >/dev/null
exit_code "$reader"
equal "it serves with its memory locked" "$code" 0
