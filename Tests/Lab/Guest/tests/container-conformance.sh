# The whole interface on the device of a container, which the system's has no part in; and the next daemon goes on with it.
# seconds: 240

. /lab/library/supervised.sh
modprobe fuse
supervise --frontend fuse
containers=/run/sysgenid/devices/containers
mkdir $containers/web $containers/other
if has passthrough; then expectation=full; else expectation=page-cache; fi
system=$device
device=$containers/web/sysgenid
conformance --expect $expectation --opens 1000
device=$system
equal "the system's device has no change" "$(generation)" 0
equal "nor has another container's" "$(sysgenidctl --container other probe)" 0

last=$(sysgenidctl --container web probe)
check "the container's device has changes" [ "$last" -gt 0 ]
chown 1000:1000 $containers/web
chmod 750 $containers/web
start reader TestClient read $containers/web/sysgenid
reader=$pid
until_true 10 says reader ready || give_up "a client reads the container's device"
replace
equal "the names stay" "$(ls $containers | xargs)" "other web"
equal "whose it is, and who may open it" "$(stat -c '%u %g %a' $containers/web)" "1000 1000 750"
equal "its generation" "$(sysgenidctl --container web probe)" "$last"
equal "who blocked in read blocks on" "$(after_ready reader)" ""
TestClient trigger $device
exit_code "$reader"
equal "a change of the system is one of the container" "$code $(after_ready reader)" "0 $((last + 1))"
equal "and one of another's" "$(sysgenidctl --container other probe)" 1
rmdir $containers/web
check "it can be taken away" is_gone $containers/web
stop_daemon
