# A resume that a vmclock tells of only to whoever looks: clients of every kind are snapshotted and resumed five times.
# needs: vmclock
# vmclock: silent
# clones: changed changed counter guid same

. /lab/library/vmclock.sh
serve_through_a_resume
