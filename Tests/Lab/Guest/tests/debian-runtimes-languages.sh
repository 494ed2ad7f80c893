# Generators of languages are cloned after each has drawn once: which of them draw the same in both clones.
# kernels: one
# needs: acpi
# system: debian
# release: bookworm
# seconds: 150
# clones: changed changed
# same: python-random python-numpy python-numpy-generator python-ssl python-hash
# differ: python-secrets python-uuid4
# same: node-randombytes node-randomuuid node-math-random
# same: go-math-rand
# differ: go-crypto-rand
# same: rust-thread-rng rust-randomstate
# same: java-drbg java-sha1prng java-random java-math-random java-securerandom-egd java-uuid-egd
# differ: java-nativeprng java-securerandom java-uuid
# same: ruby-rand
# differ: ruby-securerandom
# same: perl-rand
# same: php-mt-rand
# differ: php-random-bytes
# differ: python-random-helped python-numpy-helped python-ssl-helped
# differ: node-randomuuid-helped node-math-random-helped java-drbg-helped java-securerandom-helped java-uuid-helped
# differ: perl-rand-helped ruby-rand-helped php-mt-rand-helped

. /lab/library/runtimes.sh
modprobe qemu_fw_cfg
install_package
install_client java node perl php python ruby

# Java keeps what it has read of the kernel for a tenth of a second, and so it is the first to draw.
java="java -XX:+UseSerialGC -Xmx32m -cp /lab/compiled"
draw "java-drbg java-sha1prng java-random java-math-random java-nativeprng java-securerandom java-uuid" $java Generators
# As many images have it: another generator is the default then.
egd=-Djava.security.egd=file:/dev/./urandom
draw_as -egd "java-securerandom java-uuid" $java $egd Generators
draw "python-random python-numpy python-numpy-generator python-ssl python-hash python-secrets python-uuid4" \
    python3 /lab/programs/python/generators.py
draw "node-randombytes node-randomuuid node-math-random" node /lab/programs/node/generators.js
draw "go-math-rand go-crypto-rand" /lab/compiled/generators-go
draw "rust-thread-rng rust-randomstate" /lab/compiled/generators-rust
draw "ruby-rand ruby-securerandom" ruby /lab/programs/ruby/generators.rb
draw perl-rand perl /lab/programs/perl/generators.pl
draw "php-mt-rand php-random-bytes" php /lab/programs/php/generators.php

draw_as -helped "java-drbg java-securerandom java-uuid" $java $egd -Xbootclasspath/a:/usr/share/sysgenid/java/sysgenid.jar \
    -Djava.security.properties=/usr/share/sysgenid/java/sysgenid.security Generators
draw_as -helped "node-randomuuid node-math-random" \
    node --require /usr/share/nodejs/sysgenid/auto.js /lab/programs/node/generators.js
draw_as -helped perl-rand env PERL5OPT=-MSysGenID::Auto perl /lab/programs/perl/generators.pl
draw_as -helped ruby-rand env RUBYOPT=-rsysgenid/auto ruby /lab/programs/ruby/generators.rb
draw_as -helped php-mt-rand sysgenidctl run --signal URG -- \
    php -d auto_prepend_file=/usr/share/php/SysGenID/auto.php /lab/programs/php/generators.php
draw_as -helped "python-random python-numpy python-ssl" python3 -m sysgenid.auto /lab/programs/python/generators.py
try_all
be_cloned $dispensers
