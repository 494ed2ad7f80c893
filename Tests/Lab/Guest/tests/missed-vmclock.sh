# The machine is resumed while no daemon runs, and its own sign of it is all that the next one has.
# needs: vmclock
# vmclock: silent
# clones: changed counter same

. /lab/library/vmclock.sh
miss_a_resume --backend vmclock
