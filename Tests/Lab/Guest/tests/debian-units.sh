# Services and a container of systemd's have devices of their own: by the drop-in of the package, and by a bind mount.
# kernels: one
# system: debian
# seconds: 90

. /lab/debian/containers.sh
install_package

# service NAME LINE: one whose main process maps its /dev/sysgenid, with the drop-in of the package.
service() {
    mkdir -p "/run/systemd/system/$1.service.d"
    ln -s /usr/share/sysgenid/own-device.conf "/run/systemd/system/$1.service.d"
    printf '[Service]\nExecStart=/lab/bin/TestClient follow /dev/sysgenid\nStandardOutput=append:/run/%s.log\n%s\n' \
        "$1" "$2" >"/run/systemd/system/$1.service"
}
service plain
service closed "PrivateDevices=yes
ProtectSystem=strict
User=outsider"
printf '[Service]\nExecStart=/lab/bin/TestClient follow /dev/sysgenid\nStandardOutput=append:/run/other.log\n' \
    >/run/systemd/system/other.service
systemctl daemon-reload
systemctl start plain closed other
sleep 1
for unit in plain closed other; do
    [ "$(systemctl is-active "$unit")" = active ] || give_up "$unit runs: $(journalctl -q -b -u "$unit" -o cat | xargs)"
done

root=/srv/container
mkdir -p $root/shared /run/shared $root/etc $root/run $root/tmp $root/proc $root/sys $root/dev $root/usr $root/lab
for name in bin lib lib64 sbin; do ln -s usr/$name $root/$name; done
cp /etc/passwd /etc/group $root/etc
echo ID=container >$root/etc/os-release
sysgenidctl container add machine --owner 200000
start machine systemd-nspawn -q --register=no --keep-unit --as-pid2 --console=pipe --private-network \
    --private-users=200000:65536 --directory=$root --bind-ro=/usr --bind-ro=/lab \
    --bind=/run/shared:/shared --bind=$containers/machine/sysgenid:$device sh -c "
        /lab/bin/TestClient follow $device &
        while ! [ -e /shared/trigger ]; do sleep 0.1; done
        /lab/bin/TestClient trigger $device
        sleep infinity"

# expect_all WHAT LINES...: what the client of each has seen.
expect_all() {
    what=$1
    shift
    for unit in plain closed machine other; do
        until_true 15 has_said "$unit" "$1"
        equal "$what: $unit" "$(after_ready "$unit")" "$1"
        shift
    done
}
names() { sysgenidctl container list | cut -d ' ' -f 1 | xargs; }

expect_all "at first" 0 0 0 0
equal "who has a device" "$(names)" "closed.service machine plain.service"
sysgenidctl --container plain.service trigger >/dev/null
expect_all "a change of the plain service" "0 1" 0 0 0
touch /run/shared/trigger
expect_all "one by root of the container" "0 1" 0 "0 1" 0
sysgenidctl trigger >/dev/null
expect_all "a change of the system" "0 1 2" "0 1" "0 1 2" "0 1"

systemctl kill -s KILL plain
check "a service that fails leaves no device" until_true 10 sh -c '! sysgenidctl container list | grep -q plain'
systemctl start plain
until_true 10 has_said plain "0 1 2 0"
equal "started again, it has a new one" "$(after_ready plain)" "0 1 2 0"
systemctl restart sysgenidd
equal "a restart of the daemon is none of the service" "$(systemctl is-active plain closed | xargs)" "active active"
sysgenidctl --container closed.service trigger >/dev/null
expect_all "after that" "0 1 2 0" "0 1 2" "0 1 2" "0 1"

systemctl stop plain closed
equal "a service that stops takes its device along" "$(names)" machine
kill -TERM "$pid"
sysgenidctl container remove machine
equal "no device is left" "$(names)" ""
expect_silence "at the end" 0
