# Where there is the character device alone, the preload library lets unchanged programs map it.
# kernels: one
# seconds: 90

modprobe cuse
rm -f /dev/fuse
serve
equal "there is the character device alone" "$(frontends)" cuse
TestClient map $device </dev/null >/run/refused.log
equal "without the library a program cannot map it" "$?" 19

# has_shown NAME VALUES: what a client has said, in one line.
has_shown() { [ "$(echo $(grep -vx ready "/run/$1.log"))" = "$2" ]; }

start follower env LD_PRELOAD=libsysgenid-preload.so TestClient follow $device
check "with it, a program that has closed the device sees the page" until_true 5 has_shown follower 0
TestClient trigger $device
check "and sees a change" until_true 5 has_shown follower "0 1"
kill -KILL "$daemon"
exit_code "$daemon"
serve
TestClient trigger $device
check "and those of the next daemon" until_true 5 has_shown follower "0 1 2"
LD_PRELOAD=libsysgenid-preload.so TestClient map-rules $device >/run/rules.log
equal "by the rules of the interface" "$(echo $(sed 's/.*: //' /run/rules.log))" "EACCES EINVAL EINVAL ENODEV mapped mapped"
stop_daemon
