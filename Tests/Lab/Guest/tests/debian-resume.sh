# The machine is resumed, and users without privileges and a container are told of it.
# kernels: one
# needs: acpi
# system: debian
# seconds: 150
# clones: changed same

. /lab/library/resume.sh
install_package
usermod -aG sysgenid member
attribute_becomes "the unit lets the best source be read" backend acpi

# A container: the host's programs, a root of its own, and the device.
root=/srv/container
mkdir -p $root/etc $root/run $root/tmp $root/proc $root/sys $root/dev $root/usr $root/lab $root/seen /run/seen
for name in bin lib lib64 sbin; do ln -s usr/$name $root/$name; done
cp /etc/passwd /etc/group $root/etc
echo ID=container >$root/etc/os-release
start container systemd-nspawn -q --register=no --keep-unit --as-pid2 --console=pipe --private-network \
    --drop-capability=CAP_SYS_ADMIN --directory=$root --bind-ro=/usr --bind-ro=/lab --bind=/run/seen:/seen \
    --bind=$device sh -c "
        PATH=/lab/bin:/bin
        TestClient trigger $device >/seen/trigger.log
        echo \$? >>/seen/trigger.log
        TestClient follow $device >/seen/follower.log &
        TestClient read $device 9 >/seen/reader.log &
        setpriv --reuid outsider --regid outsider --init-groups TestClient poll $device >/seen/poller.log
        sleep infinity"
until_true 20 says seen/poller ready || give_up "the container starts: $(cat /run/container.log /run/seen/*)"
until_true 5 has_said seen/follower 0 || give_up "a container's mapped page shows the generation"
equal "a container without the privilege may not trigger" "$(tail -n 1 /run/seen/trigger.log)" 13

client_of member reader read 9
client_of outsider poller poll
client_of outsider follower follow
systemctl restart sysgenidd
equal "a restart is noticed by nobody" "$(systemctl is-active sysgenidd) $(after_ready reader)$(after_ready seen/reader)" "active "
be_snapshotted

# expect_to_be_told GENERATION: everybody has, once.
expect_to_be_told() {
    until_true 10 has_generation "$1"
    # What must not follow would be here by then.
    sleep 1
    equal "the generation is the next one" "$(generation)" "$1"
    for place in "" seen/; do
        equal "${place}poll tells of it" "$(after_ready ${place}poller)" POLLIN
        equal "${place}read returns the generation, once" "$(after_ready ${place}reader)" "$1"
        equal "${place}the mapped page shows it, and nothing between" "$(after_ready ${place}follower)" "0 $1"
    done
}

if [ "$phase" = changed ]; then
    expect_to_be_told 1
    check "the journal tells of it" until_true 10 says daemon "generation 1: the system was resumed"
    equal "once" "$(grep -c 'generation 1' /run/daemon.log)" 1
else
    sleep 2
    equal "no change" "$(generation)" 0
    equal "nobody was told" "$(after_ready poller)$(after_ready reader)$(after_ready follower)" 0
    equal "nor in the container" "$(after_ready seen/poller)$(after_ready seen/reader)$(after_ready seen/follower)" 0
    TestClient trigger $device
    expect_to_be_told 1
fi
equal "it was one daemon" "$(property NRestarts)" 0
