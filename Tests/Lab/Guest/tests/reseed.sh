# Clones give their kernels what no other one has, from the host.
# kernels: one
# needs: acpi
# with: entropy
# clones: changed changed
# differ: fresh

. /lab/library/hardware.sh
modprobe virtio_pci
modprobe virtio_rng
equal "the kernel has a generator of the host's" "$(cat /sys/class/misc/hw_random/rng_current)" virtio_rng.0
serve --backend acpi
equal "nothing was reseeded yet" "$(cat /run/sysgenid/reseed)" none
kill_daemon
# From here on the kernel has the rest of what it read ready, and its driver what it asked for next.
dd if=/dev/hwrng of=/dev/null bs=32 count=1 2>/dev/null
be_snapshotted

head -c 160 /dev/hwrng >/run/bytes
hexadecimal() { od -A n -v -t x1 | tr -d ' \n'; }
# Not judged, since not all kernels have it: what was ready.
report "value ready $(head -c 96 /run/bytes | hexadecimal)"
report "value fresh $(tail -c 32 /run/bytes | hexadecimal)"
serve --backend acpi
generation_becomes "the resume is one change" 1
equal "the kernel was reseeded for it" "$(cut -d ' ' -f 2,3 /run/sysgenid/reseed)" "1 taken"
stop_daemon

# Under emulation the host's bytes may come too late, but not each time.
head -c 16 /dev/zero >/run/identity
serve --backend file --backend-file /run/identity
resume_until_in_time() {
    head -c 16 /dev/urandom >/run/identity.new
    mv /run/identity.new /run/identity
    sleep 0.5
    grep -q ' taken identity,host$' /run/sysgenid/reseed
}
check "the kernel was given the host's bytes" until_true 60 resume_until_in_time
equal "and the log says so" "$(tail -n 1 /run/daemon.log | grep -c "from the identity and the host's entropy")" 1
check "status says so" sh -c 'sysgenidctl status | grep -q "^reseed:.* from identity and host for generation"'
