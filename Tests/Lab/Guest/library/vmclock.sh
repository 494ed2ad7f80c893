# What the tests have in common in which the hypervisor has a vmclock.

. /lab/library/hardware.sh
modprobe ptp_vmclock
until_true 5 [ -c /dev/vmclock0 ] || give_up "the guest has a vmclock"
sysgenidd --check >/run/check.log
# The laboratory's own table has to have the address that the firmware has written to the one that it stands for.
check "the tables have the identity where the firmware has placed it" \
    grep -q "^  *acpi *yes: .* in memory at $(printf '0x%x' "$(identity_address)")\$" /run/check.log
equal "of all that this machine has, vmclock would decide" "$(sed -n 's/^chosen .* backend //p' /run/check.log)" vmclock

# look_through_the_window OPTIONS...: a client uses a secret all the time, before a resume and after it, and sets
# `by_generation` to how often it did so after it before the generation told it not to.
look_through_the_window() {
    serve --backend vmclock "$@"
    start window TestClient window $device /dev/vmclock0
    until_true 10 says window ready || give_up "the client begins: $(cat /run/window.log)"
    counter=$(echo read | TestClient clock /dev/vmclock0 | tail -n 1)
    equal "a probe shows both" "$(sysgenidctl --json probe)" "{\"generation\":0,\"hypervisor_counter\":$counter}"
    be_snapshotted
    until_true 60 says window 'then it' || give_up "the client is told: $(cat /run/window.log)"
    by_generation=$(sed -n 's/^by the generation: //p' /run/window.log)
    equal "who looks at both pages uses nothing from before" "$(sed -n 's/^by both pages: //p' /run/window.log)" 0
    check "the hypervisor's page tells first" says window "noticed before the generation"
    check "and the generation after it" says window "then it follows"
    equal "a probe shows both changed" "$(sysgenidctl --json probe)" \
        "{\"generation\":1,\"hypervisor_counter\":$((counter + 1))}"
    equal "a script has the generation alone" "$(sysgenidctl probe)" 1
    report "value renewed $(sed -n 's/^drawn at last: //p' /run/window.log)"
    figure "drawn from the kernel at the first instruction" \
        "$(sed -n 's/^drawn at first: //p' /run/window.log)" "in hexadecimal"
    figure "uses of a secret after the resume by who compares the generation" "$by_generation" "times"
    figure "by who looks at both pages" 0 "times"
}
