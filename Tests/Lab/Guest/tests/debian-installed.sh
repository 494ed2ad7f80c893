# The package is installed, the system boots, and users of every kind find the device.
# kernels: one
# system: debian
# seconds: 150
# boots: 2

if [ "$boot" = 1 ]; then
    install_package
    equal "the service is enabled" "$(systemctl is-enabled sysgenidd)" enabled
    equal "mode and group after the installation" "$(access_of $device)" "664 sysgenid"
    usermod -aG sysgenid member
    reboot_guest
fi

equal "the service is active" "$(systemctl is-active sysgenidd)" active
equal "no unit has failed" "$(systemctl --failed --no-legend --plain)" ""
equal "it says when it serves" "$(property Type)" notify
check "and by what: $(property StatusText)" [ "$(property StatusText)" != "" ]
equal "it was started once" "$(property NRestarts)" 0
ready=$(property ActiveEnterTimestampMonotonic)
for target in sysinit basic multi-user; do
    reached=$(systemctl show -P ActiveEnterTimestampMonotonic $target.target)
    check "it serves before $target.target" [ "$ready" -lt "$reached" ]
done
figure "from the kernel's start to the device" $((ready / 1000)) ms

equal "mode and group" "$(access_of $device)" "664 sysgenid"
equal "owner" "$(stat -c %U $device)" root
attribute_becomes "the frontends" frontends "cuse fuse"
check "the mount is the host's" grep -q " $device " /proc/1/mountinfo
check "the kernel's modules are loaded" [ -e /sys/class/cuse/sysgenid ]

expect_silence "this boot" 0
expect_silence "the boot before" -1
check "the journal says what is served" until_true 10 says daemon "serving $device by cuse (no mmap) and fuse"
check "the service was stopped at the end of the boot before" \
    sh -c 'journalctl -q -b -1 -u sysgenidd -o cat | grep -q "stopped at generation 0"'
told=$(property WatchdogTimestampMonotonic)

# Users.
equal "a freshly booted system has generation 0" "$(as outsider sysgenidctl probe)" 0
start outsider-reader as outsider dd if=$device bs=4 count=1 status=none
client_of outsider outsider-poller poll
poller=$pid
mapper mapping
equal "an outsider maps the page" "$(look mapping)" 0
client_of member member-reader read 1
reader=$pid
as outsider TestClient read $device >/run/refused.log
equal "an outsider may not open for writing" "$?" 13
as outsider TestClient trigger $device >>/run/refused.log
equal "nor trigger" "$?" 13
as member TestClient trigger $device >>/run/refused.log
equal "a member may not trigger either" "$?" 13
as outsider unshare --user --map-root-user TestClient trigger $device >>/run/refused.log
equal "nor root of a user namespace" "$?" 13
TestClient trigger $device
equal "root triggers" "$?" 0
check "the journal says who triggered" until_true 10 says daemon "generation 1: triggered by process"
check "and who must not" until_true 10 says daemon "of user 1000 may not trigger a change"
exit_code "$reader"
equal "a member's read returns, and it acknowledges" "$code $(after_ready member-reader)" "0 1"
exit_code "$poller"
equal "an outsider's poll returns" "$code $(after_ready outsider-poller)" "0 POLLIN"
check "an outsider's read returns" until_true 5 [ -s /run/outsider-reader.log ]
equal "with the generation" "$(od -A n -t u4 /run/outsider-reader.log | tr -d ' ')" 1
equal "an outsider's mapped page shows it" "$(look mapping)" 1

# A service with its own view of the files and a user of its own.
systemd-run -q --wait -P -p DynamicUser=yes -p PrivateTmp=yes -p ProtectSystem=strict \
    /usr/bin/sysgenidctl probe >/run/confined.log 2>&1
equal "a confined service maps the page" "$(cat /run/confined.log)" 1

has_told_again() { [ "$(property WatchdogTimestampMonotonic)" -gt "$told" ]; }
equal "systemd waits for the daemon to tell that it serves" "$(property WatchdogUSec)" 20s
check "and the daemon tells it again" until_true 15 has_told_again
equal "all the time it was one daemon" "$(property NRestarts)" 0
