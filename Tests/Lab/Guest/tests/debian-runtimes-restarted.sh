# Programs that draw from generators are cloned, and restarted at the change: whatever repeats elsewhere differs then.
# kernels: one
# needs: acpi
# system: debian
# release: bookworm
# seconds: 200
# clones: changed changed
# differ: glibc-rand-restarted glibc-random-restarted glibc-drand48-restarted openssl-restarted
# differ: gnutls-nonce-restarted gnutls-random-restarted gnutls-key-restarted nss-restarted gcrypt-nonce-restarted
# differ: sodium-internal-restarted sqlite-restarted
# differ: python-random-restarted python-numpy-restarted python-numpy-generator-restarted
# differ: node-randombytes-restarted node-randomuuid-restarted node-math-random-restarted
# differ: go-math-rand-restarted rust-thread-rng-restarted rust-randomstate-restarted
# differ: java-drbg-restarted java-sha1prng-restarted java-random-restarted java-math-random-restarted
# differ: ruby-rand-restarted perl-rand-restarted php-mt-rand-restarted
# differ: python-hash-restarted nginx-ticket-key-restarted

. /lab/library/runtimes.sh
. /lab/library/tls.sh
modprobe qemu_fw_cfg
install_package
make_certificate

draw_restarted "java-drbg java-sha1prng java-random java-math-random" \
    java -XX:+UseSerialGC -Xmx32m -cp /lab/compiled Generators
draw_restarted "glibc-rand glibc-random glibc-drand48 openssl gnutls-nonce gnutls-random gnutls-key nss gcrypt-nonce" \
    python3 /lab/programs/python/libraries.py
draw_restarted sodium-internal python3 /lab/programs/python/libraries.py
draw_restarted "sqlite python-random python-numpy python-numpy-generator" python3 /lab/programs/python/generators.py
draw_restarted "node-randombytes node-randomuuid node-math-random" node /lab/programs/node/generators.js
draw_restarted go-math-rand /lab/compiled/generators-go
draw_restarted "rust-thread-rng rust-randomstate" /lab/compiled/generators-rust
draw_restarted ruby-rand ruby /lab/programs/ruby/generators.rb
draw_restarted perl-rand perl /lab/programs/perl/generators.pl
draw_restarted php-mt-rand php /lab/programs/php/generators.php
drawn_often=$dispensers
# What a process draws once for all.
draw_restarted python-hash python3 /lab/programs/python/generators.py
serve_tls nginx 8441 sysgenidctl run --restart --
draw_as -restarted nginx-ticket-key python3 /lab/programs/python/ticket_key.py 8441
try_all

be_snapshotted
sysgenidctl wait --timeout 200000
equal "all that are tracked acknowledge the change" "$?" 0
is_restarted() { [ "$(grep -cx ready "/run/$1.log")" = 2 ]; }
for name in $drawn_often python-hash-restarted; do
    check "$name is restarted" until_true 200 is_restarted "$name"
done
listens() { python3 -c 'import socket; socket.create_connection(("127.0.0.1", 8441))' 2>>/run/connections.log; }
check "nginx is restarted" until_true 60 listens
hand_in 3 $drawn_often
hand_in 1 python-hash-restarted nginx-ticket-key-restarted
