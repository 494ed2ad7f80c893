# The service is restarted, killed, upgraded and stopped, and the package is removed.
# kernels: one
# system: debian
# seconds: 180

files >/run/files.before
users >/run/users.before
install_package
equal "what the package has put outside of /usr" "$(news_since files.before files | xargs -n 1 | grep -v ^usr/ | xargs)" \
    "$(echo etc/cdi etc/cdi/sysgenid.org-device.json etc/default/sysgenidd etc/ssl/sysgenid.cnf \
        etc/systemd/system/sysinit.target.wants/sysgenidd.service)"
equal "who is new" "$(news_since users.before users)" sysgenid

# With a view of the files from before the daemon: it has to see the later mounts, too.
systemd-run -q --unit confined -p PrivateTmp=yes sleep infinity
confined=$(systemctl show -P MainPID confined)
TestClient trigger $device
mapper mapping
check "the mapping shows the generation" [ "$(look mapping)" = 1 ]

# expect_the_same WHAT: nothing is lost.
expect_the_same() {
    until_true 10 serves_as "$daemon" || give_up "$1: the service is active"
    daemon=$(property MainPID)
    equal "$1: the generation stays" "$(as outsider sysgenidctl probe)" 1
    equal "$1: mode and group stay" "$(access_of $device)" "664 sysgenid"
    equal "$1: one mount, seen by all" "$(grep -c " $device " /proc/1/mountinfo /proc/$confined/mountinfo | xargs)" \
        "/proc/1/mountinfo:1 /proc/$confined/mountinfo:1"
    equal "$1: a mapping from before stays readable" "$(look mapping)" 1
    equal "$1: the container's device stays" \
        "$(as outsider sysgenidctl --container web probe) $(stat -c %u $container/sysgenid)" "7 65534"
    equal "$1: one mount of the directory, seen by all" \
        "$(grep -c " /run/sysgenid/devices " /proc/1/mountinfo /proc/$confined/mountinfo | xargs)" \
        "/proc/1/mountinfo:1 /proc/$confined/mountinfo:1"
}
# A daemon that serves, and is another one.
serves_as() { [ "$(systemctl is-active sysgenidd)" = active ] && [ "$(property MainPID)" != "$1" ]; }

# A container's device, whose owner changes it once.
container=/run/sysgenid/devices/containers/web
equal "a container gets a device" "$(sysgenidctl container add web --owner 65534 --minimum 6 2>&1)" ""
setpriv --reuid 65534 --clear-groups sysgenidctl --container web trigger >/run/owner.log 2>&1
equal "its owner changes it" "$(as outsider sysgenidctl --container web probe) $(cat /run/owner.log)" "7 7"

expect_the_same "installation"
usermod -aG sysgenid member
client_of member reader read 9
reader=$pid
client_of outsider poller poll
poller=$pid
systemctl restart sysgenidd
expect_the_same "restart"

kill -KILL "$daemon"
expect_the_same "SIGKILL"
equal "SIGKILL: systemd has started the next one" "$(property NRestarts)" 1

install_package
expect_the_same "upgrade"
equal "each of them has taken over" "$(grep -c 'taking over at generation 1, with' /run/daemon.log)" 3
equal "who blocked in read blocks on" "$(after_ready reader)" ""
equal "who slept in poll sleeps on" "$(after_ready poller)" ""

TestClient trigger $device
exit_code "$poller"
equal "the daemon of today wakes the poll" "$code $(after_ready poller)" "0 POLLIN"
equal "and the read returns" "$(after_ready reader)" 2
check "a mapping from before shows the change" [ "$(look mapping)" = 2 ]
equal "and so does the container's device" "$(sysgenidctl --container web probe)" 8

# The end.
systemctl stop sysgenidd
exit_code "$reader"
equal "a stop ends who blocks with ENODEV" "$code" 19
equal "stopped, and not failed" "$(systemctl is-active sysgenidd)" inactive
check "no node is left" is_gone $device
check "nothing is left mounted" is_unmounted
equal "what is left of the runtime directory" "$(echo $(ls /run/sysgenid))" "device-table devices generation lock page pages state"
systemctl start sysgenidd
equal "started again: the generation stays" "$(sysgenidctl probe)" 2
equal "started again: the container's, too" "$(sysgenidctl --container web probe)" 8

systemctl stop confined
daemon=$(property MainPID)
DEBIAN_FRONTEND=noninteractive dpkg --purge sysgenid >>/run/dpkg.log 2>&1
equal "the package is purged" "$?" 0
check "its daemon has ended" is_over "$daemon"
check "no node is left" is_gone $device
check "nothing is left mounted" is_unmounted
equal "no unit is left" "$(systemctl list-units --all --no-legend --plain 'sysgenid*')" ""
equal "the state is left until the next boot" "$(echo $(ls /run/sysgenid))" "device-table devices generation lock page pages state"
equal "no file is left elsewhere" "$(news_since files.before files)" ""
# As Debian's policy has it: who was made may own files.
equal "the group is left" "$(news_since users.before users)" sysgenid
