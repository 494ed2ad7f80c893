# The hooks that come with the overseer, all of them linked: two clones of one snapshot have nothing left in common of what
# belongs to a system, and each is let in when they are done.
# kernels: one
# needs: acpi
# system: debian
# seconds: 300
# clones: changed changed
# differ: machine-id hostname ssh-rsa ssh-ecdsa ssh-ed25519 random-seed client-id token
# same: token-kept

. /lab/library/resume.sh
. /lab/debian/hooks.sh
modprobe qemu_fw_cfg
install_package
install_overseer
give_time
prepare_network
prepare_clock
prepare_services
systemctl -q unmask ssh
systemctl start ssh
/usr/lib/systemd/systemd-random-seed save
link_hooks quiesce 50-quiesce-units 90-sync
link_hooks changed 10-random-seed 20-machine-id 25-hostname 30-ssh-host-keys 40-networkd 45-clock 60-restart-units
link_hooks ready 50-quiesce-units

# known: what is to be another one afterwards.
known() {
    cat /etc/machine-id
    uname -n
    cat /etc/ssh/ssh_host_*_key.pub
    sha256sum /var/lib/systemd/random-seed
    client_id
    cat /run/token /run/token-kept
}
until_true 30 has_lease || give_up "the client has a lease: $(networkctl status client)"
known >/run/known.before
told=$(wc -l </run/dhcp.log)
clock=$(date +%s)

check "it is quiesced" quiesce
equal "what accepts is stopped" "$(systemctl is-active accepting)" inactive
be_snapshotted
check "it becomes ready" become_ready 1
equal "what accepts runs again" "$(systemctl is-active accepting)" active

known >/run/known.after
equal "what is as it was before" "$(grep -xFf /run/known.before /run/known.after | xargs)" "$(cat /run/token-kept)"
report value machine-id "$(cat /etc/machine-id)"
report value hostname "$(uname -n)"
report value random-seed "$(sha256sum /var/lib/systemd/random-seed | cut -c -64)"
report value client-id "$(client_id)"
report value token "$(cat /run/token)"
report value token-kept "$(cat /run/token-kept)"
for type in rsa ecdsa ed25519; do
    key=$(cut -d ' ' -f 2 /etc/ssh/ssh_host_${type}_key.pub)
    report value ssh-$type "$key"
    equal "the key of type $type is that of the private one" "$(ssh-keygen -y -f /etc/ssh/ssh_host_${type}_key | cut -d ' ' -f 2)" \
        "$key"
    equal "the server shows it" "$(ssh-keyscan -t $type 127.0.0.1 2>/dev/null | cut -d ' ' -f 3)" "$key"
done
equal "it is a machine ID" "$(systemd-id128 machine-id)" "$(cat /etc/machine-id)"
check "the journal goes by it" [ -d "/var/log/journal/$(cat /etc/machine-id)" ]
check "the name begins as before" [ "$(uname -n | cut -c -6)" = guest- ]
check "there is a lease" has_lease
equal "the lease of before was not released" "$(tail -n +$((told + 1)) /run/dhcp.log | grep -c RELEASE)" 0
check "the clock is that of the server" [ "$(date +%s)" -ge $((clock + 3600)) ]
equal "a unit was reloaded, once" "$(cat /run/reloaded)" reloaded
equal "units that take part ran" "$(cat /run/once)" "once 1"
check "a unit that is part of the target was started anew" [ "$(cat /run/partner | wc -l)" = 2 ]

# A second change, of the same system, as it is made in an original that runs on.
TestClient trigger $device
check "it becomes ready once more" become_ready 2
known >/run/known.again
equal "what is another one than before" "$(grep -vxFf /run/known.after /run/known.again | wc -l)" 2
check "the random seed" [ "$(sed -n '/random-seed/p' /run/known.again)" != "$(sed -n '/random-seed/p' /run/known.after)" ]
check "and what was restarted" not grep -qxFf /run/token /run/known.after
equal "the units ran once more" "$(cat /run/once | xargs)" "once 1 once 2"
check "so did what is part of the target" [ "$(wc -l </run/partner)" = 3 ]
equal "nobody waits for the undoing" "$(systemctl is-active accepting)" active

# One that fails is named, and so is one that could not even be started.
take_part failing Type=oneshot ExecStart=/bin/false
take_part dependent Type=oneshot ExecStart=/bin/true
printf '[Unit]\nRequires=failing.service\nAfter=failing.service\n' >>/run/systemd/system/dependent.service
systemctl daemon-reload
TestClient trigger $device
check "it does not become ready" not become_ready 3
check "which hook failed is told" says overseer 50-systemd
check "and which units" hooks_said "not started for this change: "
check "the one" hooks_said failing.service
check "and the one that needs it" hooks_said dependent.service
equal "the others ran" "$(wc -l </run/once)" 3

# A change that comes while a unit is being started for the one before: it begins anew.
rm /run/systemd/system/sysgenid-changed.target.wants/failing.service \
    /run/systemd/system/sysgenid-changed.target.wants/dependent.service
take_part slow Type=oneshot \
    "ExecStart=/bin/sh -c 'cat /run/sysgenid/generation >>/run/slow; until [ -e /run/go ]; do sleep 0.1; done'"
systemctl daemon-reload
has_begun() { [ "$(wc -l </run/slow)" = "$1" ]; }
sysgenidctl trigger >/dev/null
check "a unit is being started" until_true 60 has_begun 1
sysgenidctl trigger >/dev/null
check "it begins anew" until_true 60 has_begun 2
touch /run/go
check "it becomes ready" become_ready 5
equal "for the last change" "$(cat /run/slow | xargs)" "4 5"
