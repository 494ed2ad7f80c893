# The source that decides breaks, and the next best one takes over: still, a resume is one change.
# needs: acpi
# clones: changed

. /lab/library/hardware.sh
# The phase is out of reach with the source.
look_at_phase() {
    resumes=$(reseeds)
    phase=changed
}
decides() { [ "$(cat /run/sysgenid/backend)" = "$1" ]; }

rm /dev/mem
serve
check "the hypervisor's file decides" decides qemu-fw-cfg
rmmod qemu_fw_cfg
check "then the kernel's log" until_true 5 decides kernel-log
check "the daemon says so" says daemon "from now on resumes are noticed by the backend kernel-log"
check "and why" says daemon "qemu-fw-cfg:"
equal "it is no change" "$(generation)" 0
start_clients mapped
be_snapshotted
expect_what_follows

modprobe qemu_fw_cfg
check "the hypervisor's file decides again when it is there again" until_true 5 decides qemu-fw-cfg
sleep 1.5
equal "and its new identity is the change that was made" "$(generation)" 2
kill_daemon
serve
equal "a restart is no change" "$(generation)" 2
check "whichever decides" decides qemu-fw-cfg
rmmod qemu_fw_cfg
check "the kernel's log takes over once more" until_true 5 decides kernel-log
sleep 1.5
equal "nor is that" "$(generation)" 2
stop_daemon
