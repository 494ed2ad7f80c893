# The machine is resumed while no daemon runs, and its own sign of it is all that the next one has.
# kernels: one
# needs: acpi
# clones: changed same

. /lab/library/hardware.sh
miss_a_resume --backend qemu-fw-cfg
