# A resume of a machine whose identity is in the device tree, noticed by whatever source is best there: clients of every
# kind are snapshotted and resumed three times.
# needs: device-tree
# clones: changed changed same

. /lab/library/devicetree.sh
serve_through_a_resume
