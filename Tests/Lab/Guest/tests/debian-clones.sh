# Libraries that seed a generator once are cloned: the clones draw the same from it, unless somebody looks at the device.
# kernels: one
# needs: acpi
# system: debian
# seconds: 240
# clones: changed changed
# differ: openssl random aws-lc
# same: openssl-unaware random-unaware aws-lc-unaware

. /lab/resume.sh
modprobe qemu_fw_cfg
tokens=/lab/python/tokens.py

# AWS-LC looks for the device once: this one finds none.
dispenser aws-lc-unaware python3 $tokens aws-lc
install_package
for name in openssl random; do
    dispenser $name python3 $tokens $name $device
    dispenser $name-unaware python3 $tokens $name
done
dispenser aws-lc python3 $tokens aws-lc
check "AWS-LC has mapped the device by itself" grep -q "$device" "/proc/$pid/maps"
all="openssl openssl-unaware random random-unaware aws-lc aws-lc-unaware"
for name in $all; do
    dispense $name
    check "$name gives a token" [ ${#handed_out} -ge 32 ]
done

be_snapshotted
check "the generation is another one" until_true 10 has_generation 1
for name in $all; do
    for number in 1 2 3; do
        dispense $name
        report "value $name $handed_out"
    done
done
check "AWS-LC goes on" is_running "$pid"
