# A resume that the machine notices by itself: clients of every kind are snapshotted and resumed three times.
# kernels: one
# needs: acpi
# clones: changed changed same

. /lab/library/hardware.sh
serve_through_a_resume --backend kernel-log
