# Neither module is loaded, and there is nothing to serve with.
# needs: fuse-module

for frontend in auto both cuse fuse; do
    start_daemon --frontend $frontend
    exit_code "$daemon"
    equal "--frontend $frontend ends" "$code" 1
    check "nothing is left of $frontend" is_gone $device
done
check "the daemon names both remedies" [ "$(grep -c 'modprobe cuse.*modprobe fuse' /run/daemon.log)" -ge 1 ]
sysgenidd --check >/run/check.log
equal "--check says that nothing can be served" "$?" 1
modprobe fuse
serve --frontend auto
equal "with the module the daemon serves" "$(frontends)" fuse
stop_daemon
