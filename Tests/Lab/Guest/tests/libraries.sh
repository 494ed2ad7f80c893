# Where there is the character device alone, which cannot be mapped, programs with the libraries follow the generation from
# one daemon to the next.
# kernels: one
# seconds: 90

modprobe cuse
rm -f /dev/fuse
serve
equal "there is the character device alone" "$(frontends)" cuse
sysgenidctl probe >/run/refused.log 2>&1
equal "sysgenidctl says that it cannot be mapped" "$?" 1

start restarted sysgenidctl run --restart -- sh -c 'echo started; exec sleep 1000'
restarted=$pid
start signalled sysgenidctl run -- sh -c 'trap "echo hup" HUP; echo started; while :; do sleep 0.1; done'
signalled=$pid
start watch sysgenidctl watch
start probe TestClient probe $device

has_said_so() { [ "$(grep -cx "$2" "/run/$1.log")" = "$3" ]; }
are_watching() { [ "$(cat /run/sysgenid/watchers)" = 3 ] && [ "$(cat /run/sysgenid/tracked)" = 2 ]; }
until_true 10 are_watching || give_up "three watch, and two of them are tracked"
check "the page that is published takes the place of the device" until_true 5 has_said probe 0

TestClient trigger $device
sysgenidctl wait --timeout 15000
equal "all acknowledge a change" "$?" 0
check "one program was restarted" until_true 5 has_said_so restarted started 2
check "the other was signalled" until_true 5 has_said_so signalled hup 1
check "the page shows the change" until_true 5 has_said probe "0 1"

kill -KILL "$daemon"
exit_code "$daemon"
serve
until_true 10 are_watching || give_up "they watch again"
sleep 0.5
check "another daemon is no change: no restart" has_said_so restarted started 2
check "and no signal" has_said_so signalled hup 1

TestClient trigger $device
sysgenidctl wait --timeout 15000
equal "all acknowledge the next change" "$?" 0
check "one program was restarted again" until_true 5 has_said_so restarted started 3
check "the other was signalled again" until_true 5 has_said_so signalled hup 2
check "the page shows the next change" until_true 5 has_said probe "0 1 2"
equal "sysgenidctl watch has told both" "$(echo $(sed 's/.* //' /run/watch.log))" "1 2"

kill -TERM "$restarted" "$signalled"
exit_code "$restarted"
equal "the status is that of the program" "$code" 143
exit_code "$signalled"
equal "and of the other" "$code" 143
stop_daemon
