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

# look_at_phase: sets `phase` to `before` the first snapshot and then to how the machine was resumed last, the word
# from the test's header, and `resumes` to how often it was.
look_at_phase() { read -r phase resumes <$firmware/opt/lab/phase/raw; }

# be_snapshotted: returns in each of the machines that are resumed, and has looked at the phase there.
be_snapshotted() {
    look_at_phase
    resumed_before=$resumes
    report snapshot
    until_true 30 is_resumed || give_up "the machine is resumed"
    # The shell reads a byte at a time, so the last look may have begun before the snapshot: this one has not.
    look_at_phase
}
is_resumed() {
    look_at_phase
    [ "$resumes" -gt "$resumed_before" ]
}

reseeds() { dmesg | grep -c 'crng reseeded due to virtual machine fork'; }
has_reseeded() { [ "$(reseeds)" = "$1" ]; }

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
    client crowd crowd 200
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
    equal "the crowd blocks on" "$(after_ready crowd)" ""
    check "the overseer waits on" is_running "$overseer"
    if [ "$mappers" = mapped ]; then equal "the mapped page shows no other value" "$(after_ready follower)" 1; fi
    check "watch prints nothing" is_silent watch 'generation 2'
}
is_running() { ! is_over "$1"; }

# expect_one_change: everybody has been told of one change, once.
expect_one_change() {
    until_true 5 has_generation 2
    # What must not follow would be here by then.
    sleep 1
    equal "the generation is the next one" "$(generation)" 2
    equal "the daemon made one change" "$(grep -c 'sysgenidd: generation 2' /run/daemon.log)" 1
    equal "read returns the new generation, once" "$(after_ready reader)" 2
    exit_code "$poller"
    equal "poll ends" "$code" 0
    equal "poll tells of the change" "$(after_ready poller)" POLLIN
    equal "epoll tells of the change, once" "$(after_ready edge)" EPOLLIN
    equal "the whole crowd reads the new generation, once" "$(tail -n 1 /run/crowd.log)" "200 of 200 got 2 once"
    exit_code "$overseer"
    equal "the overseer's wait ends with EINTR" "$code" 4
    if [ "$mappers" = mapped ]; then
        equal "the mapped page shows the change, and nothing between" "$(after_ready follower)" "1 2"
    fi
    equal "watch prints the change, once" "$(grep -c 'generation 2' /run/watch.log)" 1
}

# expect_what_follows: what this clone has to see.
expect_what_follows() {
    case $phase in
    changed | guid)
        check "the kernel saw a new identity, too" until_true 5 has_reseeded 1
        expect_one_change
        ;;
    counter)
        expect_one_change
        equal "the kernel saw no new identity" "$(reseeds)" 0
        ;;
    same)
        # Whatever would follow from a resume is here by then.
        sleep 2
        equal "the kernel saw no new identity" "$(reseeds)" 0
        expect_blocked
        TestClient trigger $device
        equal "a trigger succeeds" "$?" 0
        expect_one_change
        ;;
    *) give_up "the machine is resumed in a known way: $phase" ;;
    esac
}

# serve_through_a_resume OPTIONS...: clients of every kind see the resume as this clone has to.
serve_through_a_resume() {
    serve "$@"
    start_clients mapped
    be_snapshotted
    expect_what_follows
}

# miss_a_resume OPTIONS...: the machine is resumed while no daemon runs. The next one makes the change before its
# first client, and no other one makes it again, however its predecessor ended.
miss_a_resume() {
    serve "$@"
    TestClient trigger $device
    equal "a trigger succeeds" "$?" 0
    stop_daemon
    serve "$@"
    equal "a restart is no change" "$(generation)" 1
    kill_daemon
    be_snapshotted

    if [ "$phase" = same ]; then expected=1; else expected=2; fi
    serve "$@"
    equal "the first client sees the generation" "$(sysgenidctl probe)" $expected
    sleep 1.5
    equal "and it stays" "$(generation)" $expected
    stop_daemon
    serve "$@"
    equal "one more restart is no change" "$(sysgenidctl probe)" $expected
    kill_daemon
    serve "$@"
    sleep 1.5
    equal "one more after SIGKILL is none either" "$(generation)" $expected
    stop_daemon
}
kill_daemon() {
    kill -KILL "$daemon"
    exit_code "$daemon"
    check "nothing is left mounted of it" until_true 5 is_unmounted
}

# be_cloned NAME...: is resumed as a clone, and reports what each dispenser hands out then, to be compared by the host.
be_cloned() {
    be_snapshotted
    check "the generation is another one" until_true 10 has_generation 1
    hand_in 3 "$@"
}

# hand_in TIMES NAME...: reports what each dispenser hands out so often.
hand_in() {
    times=$1
    shift
    for name in "$@"; do
        for number in $(seq "$times"); do
            dispense "$name"
            report_handed_out "$name"
        done
    done
}

# report_handed_out NAME: what the dispenser has handed out, to be compared: a word for each name in its file, if it has one.
report_handed_out() {
    names=$(cat "/run/$1.names" 2>/dev/null || echo "$1")
    for word in $handed_out; do
        report "value ${names%% *} $word"
        names=${names#* }
    done
}

# tokens_of_clones NAME...: the same of those that hand out tokens, after each has handed out one.
tokens_of_clones() {
    for name in "$@"; do
        dispense "$name"
        check "$name gives a token" [ ${#handed_out} -ge 32 ]
    done
    be_cloned "$@"
}
