# The machine is resumed while no daemon runs: the next one makes the change before its first client.
# clones: changed same

. /lab/resume.sh
modprobe cuse
prepare_identity
serve --backend file --backend-file /run/identity
TestClient trigger $device
equal "a trigger succeeds" "$?" 0
stop_daemon
serve --backend file --backend-file /run/identity
equal "a restart is no change" "$(generation)" 1
stop_daemon
be_snapshotted

serve --backend file --backend-file /run/identity
if [ "$(phase)" = changed ]; then expected=2; else expected=1; fi
equal "the first client sees the generation" "$(sysgenidctl probe)" $expected
sleep 1
equal "and it stays" "$(generation)" $expected
stop_daemon
serve --backend file --backend-file /run/identity
equal "one more restart is no change" "$(generation)" $expected
stop_daemon
