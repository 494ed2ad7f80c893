# What the tests have in common in which the machine notices a resume by itself.

. /lab/library/resume.sh
. /lab/library/row.sh
modprobe cuse
# The phase is read through it, whatever the daemon reads.
modprobe qemu_fw_cfg
[ -e $firmware/etc/vmgenid_guid/raw ] || give_up "the guest sees the machine's identity"

# identity_address: where the hypervisor says that it has placed the generation ID.
identity_address() { echo 0x$(od -A n -t x8 -N 8 $firmware/etc/vmgenid_addr/raw | tr -d ' '); }
