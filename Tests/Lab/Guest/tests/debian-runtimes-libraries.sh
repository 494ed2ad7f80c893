# Generators of libraries and servers are cloned after each has drawn once: which of them draw the same in both clones.
# kernels: one
# needs: acpi
# system: debian
# release: bookworm
# seconds: 150
# clones: changed changed
# same: glibc-rand glibc-random glibc-drand48
# differ: glibc-arc4random
# same: openssl
# differ: openssl-provider
# same: gnutls-nonce gnutls-random gnutls-key nss gcrypt-nonce
# differ: gcrypt gcrypt-helped gcrypt-nonce-helped gnutls-nonce-helped gnutls-random-helped gnutls-key-helped
# same: sodium-internal
# differ: sodium
# same: uuid-time
# differ: uuid-random
# same: sqlite
# same: postgresql-random postgresql-uuid postgresql-random-provider
# differ: postgresql-uuid-provider postgresql-random-anew postgresql-uuid-anew
# same: nginx-ticket-key

. /lab/library/runtimes.sh
. /lab/library/tls.sh
modprobe qemu_fw_cfg
install_package
install_client crypto
make_certificate
provider="env OPENSSL_CONF=/etc/ssl/sysgenid.cnf"
libraries="python3 /lab/programs/python/libraries.py"

# serve_postgresql PORT [COMMAND...]: a server with the files that Debian has made for one, which the command starts.
serve_postgresql() {
    server=/run/postgresql-$1
    port=$1
    shift
    cp -a /var/lib/postgresql/15/main "$server"
    start "server-$port" "$@" setpriv --reuid postgres --regid postgres --init-groups \
        /usr/lib/postgresql/15/bin/postgres -c config_file=/etc/postgresql/15/main/postgresql.conf \
        -c "data_directory=$server" -c "external_pid_file=$server/pid" -c "port=$port" -c shared_buffers=4MB
    until_true 60 [ -S "/run/postgresql/.s.PGSQL.$port" ] || give_up "PostgreSQL serves: $(cat "/run/server-$port.log")"
}
install -d -o postgres /run/postgresql

draw "glibc-rand glibc-random glibc-drand48 glibc-arc4random" $libraries
draw openssl $libraries
draw_as -provider openssl $provider $libraries
draw "gnutls-nonce gnutls-random gnutls-key nss gcrypt gcrypt-nonce sodium uuid-random uuid-time" $libraries
draw_as -helped "gnutls-nonce gnutls-random gnutls-key gcrypt gcrypt-nonce" \
    env LD_PRELOAD=/usr/lib/x86_64-linux-gnu/libsysgenid-crypto.so $libraries
draw sodium-internal $libraries
draw sqlite python3 /lab/programs/python/generators.py
serve_postgresql 5433
draw "postgresql-random postgresql-uuid" env PGPORT=5433 python3 /lab/programs/python/postgresql.py
serve_postgresql 5434 $provider
draw_as -provider "postgresql-random postgresql-uuid" env PGPORT=5434 python3 /lab/programs/python/postgresql.py
serve_tls nginx 8441
draw nginx-ticket-key python3 /lab/programs/python/ticket_key.py 8441
try_all
be_cloned $dispensers
draw_as -anew "postgresql-random postgresql-uuid" env PGPORT=5433 python3 /lab/programs/python/postgresql.py
hand_in 3 postgresql-random-anew
