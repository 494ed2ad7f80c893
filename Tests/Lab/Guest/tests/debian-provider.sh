# Programs that know nothing of the device and draw from OpenSSL are cloned: with the provider each clone draws others.
# kernels: one
# needs: acpi
# system: debian
# seconds: 300
# clones: changed changed
# differ: python node nginx
# same: python-unaware node-unaware nginx-unaware

. /lab/resume.sh
. /lab/tls.sh
modprobe qemu_fw_cfg
install_package
make_certificate

# start_all SUFFIX PORT
start_all() {
    dispenser "python$1" python3 /lab/python/tokens.py openssl
    dispenser "node$1" node /lab/node/tokens.js
    serve_tls "nginx$1" "$2"
    dispenser "nginx$1" python3 /lab/python/server_random.py "$2"
}
start_all -unaware 8441
export OPENSSL_CONF=/etc/ssl/sysgenid.cnf
start_all "" 8442
unset OPENSSL_CONF

tokens_of_clones python node nginx python-unaware node-unaware nginx-unaware
