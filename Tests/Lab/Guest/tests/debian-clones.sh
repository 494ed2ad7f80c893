# Libraries that seed a generator once are cloned: the clones draw the same from it, unless somebody looks at the device.
# kernels: one
# needs: acpi
# system: debian
# seconds: 240
# clones: changed changed
# differ: openssl random aws-lc
# same: openssl-unaware random-unaware aws-lc-unaware

. /lab/library/resume.sh
modprobe qemu_fw_cfg
tokens=/lab/programs/python/tokens.py

# AWS-LC looks for the device once: this one finds none.
dispenser aws-lc-unaware python3 $tokens aws-lc
install_package
for name in openssl random; do
    dispenser $name python3 $tokens $name $device
    dispenser $name-unaware python3 $tokens $name
done
dispenser aws-lc python3 $tokens aws-lc
check "AWS-LC has mapped the device by itself" grep -q "$device" "/proc/$pid/maps"
tokens_of_clones openssl openssl-unaware random random-unaware aws-lc aws-lc-unaware
check "AWS-LC goes on" is_running "$pid"
