# Programs that know nothing of the device and draw from OpenSSL are cloned: with the provider each clone draws others.
# kernels: one
# needs: acpi
# system: debian
# seconds: 300
# clones: changed changed
# differ: python node nginx
# same: python-unaware node-unaware nginx-unaware

. /lab/library/resume.sh
. /lab/library/tls.sh
modprobe qemu_fw_cfg
install_package
make_certificate

# start_all SUFFIX PORT
start_all() {
    dispenser "python$1" python3 /lab/programs/python/tokens.py openssl
    dispenser "node$1" node /lab/programs/node/tokens.js
    serve_tls "nginx$1" "$2"
    dispenser "nginx$1" python3 /lab/programs/python/server_random.py "$2"
}
start_all -unaware 8441
export OPENSSL_CONF=/etc/ssl/sysgenid.cnf
start_all "" 8442
unset OPENSSL_CONF

tokens_of_clones python node nginx python-unaware node-unaware nginx-unaware
