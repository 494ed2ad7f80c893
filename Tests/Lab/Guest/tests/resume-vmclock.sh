# A resume that the hypervisor announces by its vmclock: clients of every kind are snapshotted and resumed five times.
# needs: vmclock-poll
# vmclock: announced
# clones: changed changed counter guid same

. /lab/library/vmclock.sh
# By itself, the daemon would look too late, and there is no other source to be tried again meanwhile.
serve_through_a_resume --backend vmclock --poll-interval 60000
