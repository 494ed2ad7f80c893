# A machine whose identity is in the device tree: its driver keeps /dev/mem away from everybody else, so that the kernel's
# log decides; where there is no driver, the identity itself.
# needs: device-tree

. /lab/library/devicetree.sh
sysgenidd --check >/run/check.log
if has device-tree-driver; then
    expected=kernel-log
    check "--check says that the kernel's driver has claimed it" \
        grep -q '^  *devicetree *no: .*iomem=relaxed' /run/check.log
    check "the driver has the device" [ -e /sys/bus/platform/drivers/vmgenid/5fff0ff0.generation-id ]
else
    expected=devicetree
    check "--check says where it is" grep -q '^  *devicetree *yes: .*0x5fff0ff0' /run/check.log
fi
equal "--check would choose it" "$(sed -n 's/^chosen .* backend //p' /run/check.log)" $expected
serve
equal "the daemon chooses it" "$(cat /run/sysgenid/backend)" $expected
stop_daemon
