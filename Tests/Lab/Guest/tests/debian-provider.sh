# Programs that know nothing of the device and draw from OpenSSL are cloned: with the provider each clone draws others.
# kernels: one
# needs: acpi
# system: debian
# seconds: 300
# clones: changed changed
# differ: python node nginx
# same: python-unaware node-unaware nginx-unaware

. /lab/resume.sh
modprobe qemu_fw_cfg
install_package
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=guest -days 1 \
    -keyout /run/key.pem -out /run/certificate.pem 2>/dev/null

# serve_tls NAME PORT: an nginx of one process, whose random bytes the token is.
serve_tls() {
    mkdir "/run/nginx-$1"
    cat >"/run/nginx-$1/nginx.conf" <<END
daemon off;
master_process off;
pid /run/nginx-$1/pid;
error_log /run/nginx-$1/error.log;
events { }
http {
    access_log off;
    server {
        listen 127.0.0.1:$2 ssl;
        ssl_certificate /run/certificate.pem;
        ssl_certificate_key /run/key.pem;
        return 204;
    }
}
END
    start "server-$1" nginx -p "/run/nginx-$1" -c "/run/nginx-$1/nginx.conf"
    until_true 30 [ -s "/run/nginx-$1/pid" ] || give_up "nginx serves: $(cat "/run/server-$1.log")"
    dispenser "$1" python3 /lab/python/server_random.py "$2"
}

# start_all SUFFIX PORT
start_all() {
    dispenser "python$1" python3 /lab/python/tokens.py openssl
    dispenser "node$1" node /lab/node/tokens.js
    serve_tls "nginx$1" "$2"
}
start_all -unaware 8441
export OPENSSL_CONF=/etc/ssl/sysgenid.cnf
start_all "" 8442
unset OPENSSL_CONF

tokens_of_clones python node nginx python-unaware node-unaware nginx-unaware
