# What the tests have in common in which the machine's identity is in the device tree.

. /lab/library/resume.sh
. /lab/library/row.sh
modprobe cuse
# The phase is read through it.
modprobe qemu_fw_cfg
until_true 5 [ -e $firmware/opt/lab/phase/raw ] || give_up "the guest sees how it was resumed"

# identity_address: as the node says.
identity_address() { echo 0x5fff0ff0; }

# Where the kernel has no driver it sees no identity, and the daemon reseeds it.
has device-tree-driver || has_reseeded() { [ "$1" = 0 ] || is_silent daemon "not reseeded"; }
