# A resume that a vmclock tells of only to whoever looks: clients of every kind are snapshotted and resumed four times.
# needs: vmclock
# vmclock: silent
# clones: changed changed counter same

. /lab/vmclock.sh
serve_through_a_resume
