# A machine without a generation ID: there is nothing to notice a resume by.
# kernels: one
# needs: acpi
# without: vmgenid

modprobe cuse
modprobe qemu_fw_cfg
sysgenidd --check >/run/check.log
for answer in 'acpi *no: no VM generation ID device' 'qemu-fw-cfg *no: .*start the machine with -device vmgenid' \
    'kernel-log *no: the kernel has no VM generation ID device' 'manual *yes'; do
    check "--check says $answer" grep -q "^  *$answer" /run/check.log
done
equal "--check would choose manual" "$(sed -n 's/^chosen .* backend //p' /run/check.log)" manual
serve
equal "the daemon chooses manual" "$(cat /run/sysgenid/backend)" manual
check "and says so" says daemon "changes come by 'sysgenidctl trigger' only"
TestClient trigger $device
equal "a trigger works" "$?" 0
generation_becomes "and makes a change" 1
stop_daemon
for backend in acpi qemu-fw-cfg kernel-log; do
    start_daemon --backend $backend
    exit_code "$daemon"
    equal "--backend $backend ends" "$code" 1
    check "and says why" says daemon "the backend $backend cannot be used"
done
