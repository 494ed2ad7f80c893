# The hypervisor's page is covered by the daemon's, which shows its changes, and is there again at the end.
# needs: vmclock-poll
# vmclock: announced
# clones: changed counter

. /lab/vmclock.sh
counter() { echo read | TestClient clock /dev/vmclock0 | tail -n 1; }
own=$(counter)
serve --backend vmclock --poll-interval 60000 --vmclock /dev/vmclock0 --vmclock-cover
equal "programs find the daemon's page" "$(stat -c '%F %a' /dev/vmclock0)" "regular file 444"
covered=$(counter)
check "its counter is above the hypervisor's" [ "$covered" -gt "$own" ]
be_snapshotted
check "the generation is another one" until_true 10 has_generation 1
equal "and so is the counter, by one" "$(counter)" $((covered + 1))
stop_daemon
equal "the hypervisor's page is there again" "$(stat -c %F /dev/vmclock0)" "character special file"
check "with a counter of its own" [ "$(counter)" -ne "$own" ]
