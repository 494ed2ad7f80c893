# A service that hands out UUIDs is cloned: the clones hand out the same ones, unless it looks at the mapped page.
# kernels: one
# needs: acpi
# clones: changed changed
# differ: aware
# same: unaware

. /lab/library/hardware.sh
serve --backend acpi
dispenser aware TestClient uuids $device
dispenser unaware TestClient uuids-unaware $device
for name in aware unaware; do
    dispense $name
    equal "$name: it hands out UUIDs" "$(echo "$handed_out" | sed 's/[0-9a-f]/x/g')" "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
done
be_cloned aware unaware
