# The machine is resumed while no daemon runs.
# needs: acpi
# clones: changed same

. /lab/library/resume.sh
modprobe cuse
prepare_identity
miss_a_resume --backend file --backend-file /run/identity
