# The hypervisor's page is covered by the daemon's, which shows its changes and its clock, and is there again at the end.
# needs: vmclock-poll
# vmclock: timed
# clones: changed counter

. /lab/library/vmclock.sh
counter() { echo read | TestClient clock /dev/vmclock0 | tail -n 1; }
own=$(counter)
serve --backend vmclock --poll-interval 60000 --vmclock /dev/vmclock0 --vmclock-cover
equal "programs find the daemon's page" "$(stat -c '%F %a' /dev/vmclock0)" "regular file 444"
# Where /dev is mounted again, nothing covers it.
mkdir -p /run/below
mount -t devtmpfs devtmpfs /run/below
equal "the hypervisor's page is below" "$(stat -c %F /run/below/vmclock0)" "character special file"
# What is the clock's: its ids, and all between the sequence count and the generation counter.
fields() {
    head -c 12 "$1" | tail -c 2 | xxd -p
    head -c 104 "$1" | tail -c 88 | xxd -p
}
has_same_clock() { [ "$(fields /dev/vmclock0)" = "$(fields /run/below/vmclock0)" ]; }
clock() { echo time | TestClient clock "/$1/vmclock0" | tail -n 1; }
check "each field of the clock is the hypervisor's" until_true 10 has_same_clock
before=$(clock dev)
check "which is one" sh -c 'case $1 in "valid 2 "*) true ;; *) false ;; esac' sh "$before"
is_published() { [ "$(cat /run/sysgenid/vmclock_clock)" = valid ]; }
check "and as such it is published" until_true 10 is_published
covered=$(counter)
check "its counter is above the hypervisor's" [ "$covered" -gt "$own" ]
be_snapshotted
check "the generation is another one" until_true 10 has_generation 1
equal "and so is the counter, by one" "$(counter)" $((covered + 1))
check "each field of the clock is the hypervisor's again" until_true 10 has_same_clock
after=$(clock dev)
check "which was resumed" [ "$after" != "$before" ]
check "and is one" sh -c 'case $1 in "valid 2 "*) true ;; *) false ;; esac' sh "$after"
stop_daemon
equal "the hypervisor's page is there again" "$(stat -c %F /dev/vmclock0)" "character special file"
check "with a counter of its own" [ "$(counter)" -ne "$own" ]
umount /run/below
