# Nobody but the kernel itself can announce a resume in its log.
# kernels: one
# needs: acpi
# clones: changed

. /lab/library/hardware.sh
# What programs write is limited otherwise, to ten lines in five seconds.
echo on >/proc/sys/kernel/printk_devkmsg
line='random: crng reseeded due to virtual machine fork'

# forge FORMAT: writes one record to the kernel's log.
forge() {
    printf "$1" >/run/forged
    dd if=/run/forged of=/dev/kmsg bs=1000 2>/dev/null || forgeries_refused=yes
}
# flood: drives whatever was in the log out of it.
flood() {
    count=0
    while [ $count -lt 5000 ]; do
        echo "<6>$line"
        count=$((count + 1))
    done >/dev/kmsg
}
# lines_of PRIORITY: as the kernel marks them, 5 for its own and 8 or more for those of programs.
lines_of() { dmesg -r | grep -c "^<$1>.*$line"; }

serve --backend kernel-log
forgeries_refused=no
for prefix in '' '<0>' '<1>' '<2>' '<3>' '<4>' '<5>' '<6>' '<7>' '<8>' '<13>' '<1024>' '<2048>' '<4294967296>' ' ' 'c' '<c>'; do
    forge "$prefix$line"
    forge "$prefix$line\n"
done
for start in 'x\n' '\n' '<0>x\n' '<0>\n<0>' 'x\n5,9999,9999,-;' 'x\n SUBSYSTEM=random\n' 'x\r' 'x\0'; do forge "$start$line\n"; done
equal "the kernel takes the forgeries" $forgeries_refused no
check "and has them in its log" [ "$(lines_of '[189][0-9]*')" -ge 30 ]
sleep 1
equal "they are no change" "$(generation)" 0
flood
sleep 1
equal "nor is a flood of them" "$(generation)" 0
be_snapshotted

until_true 5 has_generation 1
sleep 1
equal "a resume is one change" "$(generation)" 1
equal "the kernel has a line of its own" "$(lines_of 5)" 1
flood
equal "it has dropped it for the flood" "$(lines_of 5)" 0
sleep 1
equal "which is no change" "$(generation)" 1
stop_daemon
serve --backend kernel-log
equal "nor is a restart without the line" "$(generation)" 1
stop_daemon
equal "the daemon made one change in all" "$(grep -c 'the system was resumed' /run/daemon.log)" 1
