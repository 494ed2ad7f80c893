# Who looks at the hypervisor's page as well uses nothing after a resume that was made before it. Who compares the generation
# does so until the daemon has heard of it, here at once.
# needs: vmclock-poll
# vmclock: announced
# processors: 2
# clones: changed changed
# differ: renewed

. /lab/library/vmclock.sh
look_through_the_window --poll-interval 60000
