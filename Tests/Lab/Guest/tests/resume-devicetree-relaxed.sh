# The same, where the kernel lets others look at what its driver has claimed: the identity itself is the source.
# needs: device-tree device-tree-driver
# words: iomem=relaxed
# clones: changed changed same

. /lab/library/devicetree.sh
serve_through_a_resume --backend devicetree
