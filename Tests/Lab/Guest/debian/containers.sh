# What tests with containers have in common: podman, and an image of busybox and the plain client.

containers=/run/sysgenid/devices/containers

# As a machine without a network and without a session of systemd's needs it. No overlay, so that it takes no module.
prepare_podman() {
    mkdir -p /etc/containers
    printf '[storage]\ndriver = "vfs"\nrunroot = "/run/containers/storage"\ngraphroot = "/var/lib/containers/storage"\n' \
        >/etc/containers/storage.conf
    printf '[containers]\nnetns = "none"\nlog_driver = "k8s-file"\n' >/etc/containers/containers.conf
    printf '[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n' >>/etc/containers/containers.conf
    image=/srv/image
    mkdir -p $image/bin $image/tmp $image/etc
    cp /bin/busybox /lab/bin/TestClient $image/bin
    for name in sh sleep dd hexdump kill; do ln -s busybox $image/bin/$name; done
    for library in $(ldd /lab/bin/TestClient | grep -o '/[^ ]*'); do install -D "$library" "$image$library"; done
    echo root:x:0:0:root:/:/bin/sh >$image/etc/passwd
    tar -C $image -cf /run/image.tar .
    podman import -q /run/image.tar client >/run/import.log 2>&1 || give_up "an image is made: $(cat /run/import.log)"
}

# generation_of NAME: that of the device.
generation_of() { sysgenidctl --container "$1" probe; }
