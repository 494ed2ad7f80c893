# By which source resumes are noticed, from the best that a machine can have to the last.
# kernels: one
# needs: acpi

. /lab/library/resume.sh
modprobe cuse

# expect_choice BACKEND ANSWERS...: --check names it, with what it says of each source, and the daemon takes it.
expect_choice() {
    expected=$1
    shift
    sysgenidd --check >/run/check.log
    for answer in "$@"; do check "with $expected, --check says $answer" grep -q "^  *$answer" /run/check.log; done
    equal "--check would choose $expected" "$(sed -n 's/^chosen .* backend //p' /run/check.log)" $expected
    serve
    equal "the daemon chooses $expected" "$(cat /run/sysgenid/backend)" $expected
    stop_daemon
}

modprobe qemu_fw_cfg
expect_choice acpi 'acpi *yes' 'devicetree *no: .* no device tree' 'qemu-fw-cfg *yes' 'kernel-log *yes' \
    'vmclock *no: /dev/vmclock0 is missing' 'file *no: it needs --backend-file' 'manual *yes'
rm /dev/mem
expect_choice qemu-fw-cfg 'acpi *no: .*/dev/mem' 'qemu-fw-cfg *yes' 'kernel-log *yes'
rmmod qemu_fw_cfg
expect_choice kernel-log 'acpi *no: .*/dev/mem' 'qemu-fw-cfg *no: .*modprobe qemu_fw_cfg' 'kernel-log *yes'
