# What the tests of a resume have in common: the machine's identity, and clients of every kind.

firmware=/sys/firmware/qemu_fw_cfg/by_name

# copy_identity: does what a hardware backend would, with the identity that the hypervisor gives.
copy_identity() {
    head -c 56 $firmware/etc/vmgenid_guid/raw | tail -c 16 >/run/identity.new
    cmp -s /run/identity.new /run/identity || mv /run/identity.new /run/identity
}

# prepare_identity: makes the file for the backend, and keeps it as the hypervisor's is.
prepare_identity() {
    modprobe qemu_fw_cfg
    [ -e $firmware/etc/vmgenid_guid/raw ] || give_up "the guest sees the machine's identity"
    copy_identity
    while :; do
        copy_identity
        sleep 0.05
    done 9>&- &
}

# phase: `before` the snapshot; then what kind of clone this is, changed or same.
phase() { echo $(cat $firmware/opt/lab/phase/raw); }
is_resumed() { [ "$(phase)" != before ]; }

# be_snapshotted: returns in each of the clones.
be_snapshotted() {
    report snapshot
    until_true 30 is_resumed || give_up "the machine is resumed"
    # What follows from a resume is here by then, and what must not follow would be.
    sleep 1.5
}

# after_ready NAME: what a client has said since it blocked, in one line.
after_ready() { echo $(grep -vx ready "/run/$1.log"); }
has_said() { [ "$(after_ready "$1")" = "$2" ]; }
has_generation() { [ "$(generation)" = "$1" ]; }
reseeds() { dmesg | grep -c 'crng reseeded due to virtual machine fork'; }

# start_clients: makes generation 1, and blocks in every way there is. Those that map are only where the device
# can be mapped.
start_clients() {
    start watch sysgenidctl watch
    until_true 10 has_watchers 1 || give_up "sysgenidctl watches"
    client overseer wait
    overseer=$pid
    until_true 5 says watch 'generation 1' || give_up "watch prints generation 1"
    client reader read 9
    client poller poll
    poller=$pid
    client edge epoll
    mappers=$1
    if [ "$mappers" = mapped ]; then
        client follower follow
        has_said follower 1 || give_up "the mapped page shows generation 1"
    fi
}
has_watchers() { [ "$(cat /run/sysgenid/watchers)" = "$1" ]; }

# expect_blocked: nobody has been told anything.
expect_blocked() {
    equal "the generation stays" "$(generation)" 1
    equal "read blocks on" "$(after_ready reader)" ""
    check "poll sleeps on" is_running "$poller"
    equal "epoll sleeps on" "$(after_ready edge)" ""
    check "the overseer waits on" is_running "$overseer"
    if [ "$mappers" = mapped ]; then equal "the mapped page shows no other value" "$(after_ready follower)" 1; fi
    check "watch prints nothing" is_silent watch 'generation 2'
}
is_running() { ! is_over "$1"; }

# expect_one_change: everybody has been told of one change, once.
expect_one_change() {
    until_true 5 has_generation 2
    sleep 1
    equal "the generation is the next one" "$(generation)" 2
    equal "the daemon made one change" "$(grep -c 'sysgenidd: generation 2' /run/daemon.log)" 1
    equal "read returns the new generation, once" "$(after_ready reader)" 2
    exit_code "$poller"
    equal "poll ends" "$code" 0
    equal "poll tells of the change" "$(after_ready poller)" POLLIN
    equal "epoll tells of the change, once" "$(after_ready edge)" EPOLLIN
    exit_code "$overseer"
    equal "the overseer's wait ends with EINTR" "$code" 4
    if [ "$mappers" = mapped ]; then
        equal "the mapped page shows the change, and nothing between" "$(after_ready follower)" "1 2"
    fi
    equal "watch prints the change, once" "$(grep -c 'generation 2' /run/watch.log)" 1
}

# expect_what_follows: what this clone has to see.
expect_what_follows() {
    if [ "$(phase)" = changed ]; then
        equal "the kernel saw a new identity, too" "$(reseeds)" 1
        expect_one_change
    else
        equal "the kernel saw no new identity" "$(reseeds)" 0
        expect_blocked
        TestClient trigger $device
        equal "a trigger succeeds" "$?" 0
        expect_one_change
    fi
}
