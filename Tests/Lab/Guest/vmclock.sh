# What the tests have in common in which the hypervisor has a vmclock.

. /lab/hardware.sh
modprobe ptp_vmclock
until_true 5 [ -c /dev/vmclock0 ] || give_up "the guest has a vmclock"
sysgenidd --check >/run/check.log
# The laboratory's own table has to have the address that the firmware has written to the one that it stands for.
check "the tables have the identity where the firmware has placed it" \
    grep -q "^  *acpi *yes: .* in memory at $(printf '0x%x' "$(identity_address)")\$" /run/check.log
equal "of all that this machine has, vmclock would decide" "$(sed -n 's/^chosen .* backend //p' /run/check.log)" vmclock
