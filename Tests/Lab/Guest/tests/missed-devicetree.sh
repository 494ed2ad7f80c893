# The machine is resumed while no daemon runs, and its own sign of it is all that the next one has.
# needs: device-tree
# words: iomem=relaxed
# clones: changed same

. /lab/library/devicetree.sh
miss_a_resume --backend devicetree
