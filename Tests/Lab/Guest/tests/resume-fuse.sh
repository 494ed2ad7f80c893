# A resume, for real: clients of the counter file are snapshotted and resumed three times.
# needs: acpi
# clones: changed changed same

. /lab/library/resume.sh
modprobe cuse
prepare_identity
serve_through_a_resume --frontend fuse --backend file --backend-file /run/identity
