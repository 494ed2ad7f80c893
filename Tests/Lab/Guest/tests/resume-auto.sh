# A resume, for real: clients of the counter file that lies over the character device are snapshotted and resumed three times.
# needs: acpi
# clones: changed changed same

. /lab/library/resume.sh
modprobe cuse
prepare_identity
serve_through_a_resume --frontend auto --backend file --backend-file /run/identity
