# The same where the hypervisor tells of nothing, so that the daemon has to look: the window is as long as that takes.
# needs: vmclock
# vmclock: silent
# processors: 2
# clones: counter counter
# differ: renewed

. /lab/library/vmclock.sh
look_through_the_window --poll-interval 1000
check "who compares the generation has used what a clone has, too" [ "$by_generation" -gt 0 ]
