# The package of the overseer: what is on and what is off, who may ask, a restart, an upgrade, QEMU's agent, and a purge.
# kernels: one
# system: debian
# seconds: 200

. /lab/debian/hooks.sh
install_package
usermod -aG sysgenid member
files >/run/files.before
install_overseer
equal "what the package has put outside of /usr" "$(news_since files.before files | xargs -n 1 | grep -v ^usr/ | xargs)" \
    "$(echo etc/default/sysgenid-overseerd etc/sysgenid etc/sysgenid/hooks.d etc/sysgenid/hooks.d/changed \
        etc/sysgenid/hooks.d/failed etc/sysgenid/hooks.d/quiesce etc/sysgenid/hooks.d/ready \
        etc/systemd/system/multi-user.target.wants/sysgenid-overseerd.service \
        etc/systemd/system/sockets.target.wants/sysgenid-overseerd.socket)"
socket=/run/sysgenid/org.sysgenid.Overseer
equal "what is on" "$(systemctl is-active sysgenid-overseerd.service sysgenid-overseerd.socket | xargs)" "active active"
equal "what is off" "$(systemctl is-active sysgenid-overseerd-vsock.socket sysgenid-changed.target | xargs)" "inactive inactive"
equal "and stays so" "$(systemctl is-enabled sysgenid-overseerd-vsock.socket)" disabled
equal "who may connect" "$(access_of $socket)" "660 sysgenid"

# asks USER COMMAND...: how it ends.
asks() {
    as "$@" >/run/asked.log 2>&1
    echo $?
}
equal "a system that was just started is ready" "$(asks root sysgenidctl ready)" 0
equal "for the group, too" "$(asks member sysgenidctl ready)" 0
check "and for nobody else" [ "$(asks outsider sysgenidctl ready)" != 0 ]
equal "to quiesce takes root" "$(asks member sysgenidctl quiesce)" 4

overseer=$(systemctl show -P MainPID sysgenid-overseerd)
is_another() { [ "$(systemctl show -P MainPID sysgenid-overseerd)" != "$overseer" ] && systemctl -q is-active sysgenid-overseerd; }
# A hook that tells that it was run.
printf '#!/bin/sh\necho "$SYSGENID_PHASE $SYSGENID_GENERATION $SYSGENID_CAUSE" >>/run/hook.log\n' \
    >/etc/sysgenid/hooks.d/changed/10-tells
chmod 755 /etc/sysgenid/hooks.d/changed/10-tells
sysgenidctl trigger >/dev/null
equal "ready after a change" "$(asks root sysgenidctl ready --generation 1)" 0
equal "the hook was run once" "$(cut -d ' ' -f 1,2 /run/hook.log)" "changed 1"
kill -KILL "$overseer"
check "another one takes its place" until_true 15 is_another
equal "it is ready as before" "$(asks root sysgenidctl ready)" 0
overseer=$(systemctl show -P MainPID sysgenid-overseerd)
install_overseer
check "an upgrade restarts it" until_true 15 is_another
equal "the socket stays" "$(access_of $socket) $(systemctl is-active sysgenid-overseerd.socket)" "660 sysgenid active"
equal "ready after an upgrade" "$(asks root sysgenidctl ready)" 0
equal "no hook was run again" "$(wc -l </run/hook.log)" 1

# As qemu-ga calls it.
ln -s /usr/share/sysgenid/fsfreeze-hook /etc/qemu/fsfreeze-hook.d/50-sysgenid
agent() {
    /etc/qemu/fsfreeze-hook "$1"
    tail -n 1 /var/log/qga-fsfreeze-hook.log | grep -o 'status=.*'
}
service accepting 'ExecStart=/bin/sleep infinity'
echo accepting.service >/etc/sysgenid/quiesce-units
link_hooks quiesce 50-quiesce-units 90-sync
link_hooks ready 50-quiesce-units
systemctl daemon-reload
systemctl start accepting
equal "the agent freezes" "$(agent freeze)" status=0
equal "what accepts is stopped" "$(systemctl is-active accepting)" inactive
equal "the agent thaws" "$(agent thaw)" status=0
equal "that is a change" "$(sysgenidctl probe)" 2
equal "what accepts runs again" "$(systemctl is-active accepting)" active
expect_silence "at the end" 0

rm /etc/sysgenid/hooks.d/*/* /etc/sysgenid/quiesce-units /etc/qemu/fsfreeze-hook.d/50-sysgenid
overseer=$(systemctl show -P MainPID sysgenid-overseerd)
DEBIAN_FRONTEND=noninteractive dpkg --purge sysgenid-overseer >>/run/dpkg.log 2>&1
equal "the package is purged" "$?" 0
check "its daemon has ended" is_over "$overseer"
check "no socket is left" is_gone $socket
equal "no unit is left" "$(systemctl list-units --all --no-legend --plain 'sysgenid-*')" ""
equal "no file is left" "$(news_since files.before files)" ""
equal "the device is served on" "$(systemctl is-active sysgenidd)" active
