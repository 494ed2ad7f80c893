# All that makes the daemon look fires again and again, before a resume, at it and after it: it is one change still.
# kernels: one
# needs: acpi
# clones: changed same

. /lab/library/hardware.sh
echo on >/proc/sys/kernel/printk_devkmsg
serve
equal "the memory decides, and the kernel's log checks it" "$(cat /run/sysgenid/backend)" acpi
start_clients mapped
while :; do
    date -s "@$(($(date +%s) + 60))"
    echo change >/sys/bus/acpi/devices/QEMUVGID:00/uevent
    echo "random: nothing" >/dev/kmsg
    sleep 0.02
done >/dev/null 9>&- &
storm=$!
be_snapshotted
expect_what_follows
kill $storm
stop_daemon
