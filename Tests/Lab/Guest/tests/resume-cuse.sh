# A resume, for real: clients of the character device are snapshotted and resumed three times.
# needs: acpi
# clones: changed changed same

. /lab/library/resume.sh
modprobe cuse
prepare_identity
serve --frontend cuse --backend file --backend-file /run/identity
start_clients unmapped
be_snapshotted
expect_what_follows
