# Programs that know nothing of the device and draw from a generator of their language are cloned: with the client of
# that language each clone draws others.
# kernels: one
# needs: acpi
# system: debian
# seconds: 240
# clones: changed changed
# differ: perl random openssl
# same: perl-unaware random-unaware openssl-unaware

. /lab/resume.sh
modprobe qemu_fw_cfg
install_package
tokens=/lab/python/tokens.py
dispenser perl-unaware perl /lab/perl/tokens.pl
dispenser perl env PERL5LIB=/lab/clients/perl PERL5OPT=-MSysGenID::Auto perl /lab/perl/tokens.pl
for name in random openssl; do
    dispenser $name-unaware python3 $tokens $name
    dispenser $name env PYTHONPATH=/lab/clients/python python3 -m sysgenid.auto $tokens $name
done
tokens_of_clones perl perl-unaware random random-unaware openssl openssl-unaware
