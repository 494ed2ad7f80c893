package SysGenID::Auto;

# Has unchanged Perl programs draw other numbers after a resume or clone of the system: PERL5OPT=-MSysGenID::Auto.
#
# Each rand compares the generation first, by a look at the mapped page, and seeds anew at another one. What a program has
# seeded on purpose is left alone. Code that says CORE::rand is not reached.

use strict;
use warnings;
use Config ();
use Fcntl qw(O_RDONLY O_NONBLOCK O_NOFOLLOW SEEK_CUR S_ISCHR S_ISREG);

use constant { SET_WATCHER_TRACKING => 0xE401, PAGE_SIZE => 4096, PROT_READ => 1, MAP_SHARED => 1 };

# What perl calls the processor, and the number of mmap(2) there.
my %mmap = (x86_64 => 9, aarch64 => 222);

my ($pointer, $generation, $is_seeded) = (undef, 0, 0);

# A variable of the environment, which a program with more privileges than its user has not.
sub setting {
    my ($name, $usual) = @_;
    my $is_raised = $< != $> || (split ' ', $()[0] != (split ' ', $))[0];
    return $is_raised || !length($ENV{$name} // '') ? $usual : $ENV{$name};
}

sub published {
    my ($name) = @_;
    my $folder = setting('SYSGENID_RUNTIME_DIR', '/run/sysgenid');
    sysopen(my $file, "$folder/$name", O_RDONLY | O_NONBLOCK | O_NOFOLLOW) or return;
    return $file;
}

sub text {
    my $file = published(@_) or return;
    my $count = sysread $file, my $text, 4096;
    return $count && $text =~ /\A(.+)\n\z/ ? $1 : undef;
}

# Whether what is published is about the open device.
sub is_published {
    my ($device) = @_;
    my $path = text('device') // return 0;
    my (@opened, @named);
    return 0 unless (@opened = stat $device) && (@named = stat $path);
    return S_ISCHR($named[2]) && $opened[6] == $named[6] if S_ISCHR($opened[2]);
    return $opened[0] == $named[0] && $opened[1] == $named[1];
}

# The page that the daemon publishes. Nobody but root may have been able to write to it, and it has to be whole.
sub published_page {
    my $file = published('page') or return;
    my @status = stat $file;
    my $is_safe = @status && S_ISREG($status[2]) && $status[4] == 0 && !($status[2] & 022);
    return $is_safe && $status[7] >= PAGE_SIZE ? $file : undef;
}

# What is mapped and where the generation is in it; nothing where there is no device, or none whose page can be mapped for
# good. What the daemon publishes comes first: that goes on with the next daemon on any kernel, and is no watcher. Before
# Linux 6.9 a mapping of the device does not, which is known by its having no file position.
sub page {
    sysopen(my $device, setting('SYSGENID_DEVICE', '/dev/sysgenid'), O_RDONLY | O_NONBLOCK) or return;
    defined ioctl($device, SET_WATCHER_TRACKING, 0) or return;
    if (!is_published($device)) {
        return ($device, 0) if S_ISCHR((stat $device)[2]) || defined sysseek($device, 0, SEEK_CUR);
        return;
    }
    my $offset = text('page_offset') // 0;
    my $page = published_page();
    return $page && $offset =~ /\A\d{1,4}\z/ && $offset <= PAGE_SIZE - 4 ? ($page, $offset) : ();
}

# Perl has no mmap(2) of its own. The mapping is never taken away.
sub map_page {
    my ($processor) = $Config::Config{archname} =~ /^([^-]+)/;
    my $number = $mmap{$processor} or return;
    my ($file, $offset) = page() or return;
    my $address = syscall $number, 0, PAGE_SIZE, PROT_READ, MAP_SHARED, fileno($file), 0;
    return $address == -1 ? undef : pack 'J', $address + $offset;
}

sub current { return unpack 'L', unpack 'P4', $pointer }

sub renew {
    my $now = current();
    return if $now == $generation;
    CORE::srand() unless $is_seeded;
    $generation = $now;
    return;
}

sub install {
    # A program that fails later is to find the errors of its own.
    local ($!, $@);
    $pointer = map_page() // return;
    $generation = current();
    my $renews_seeded = setting('SYSGENID_SEEDED', 'keep') eq 'renew';
    no warnings 'once';
    *CORE::GLOBAL::rand = sub (;$) {
        renew();
        return @_ ? CORE::rand($_[0]) : CORE::rand();
    };
    *CORE::GLOBAL::srand = sub (;$) {
        my $now = current();
        my $seed = @_ ? CORE::srand($_[0]) : CORE::srand();
        ($is_seeded, $generation) = (@_ && !$renews_seeded, $now);
        return $seed;
    };
    # shuffle and sample of List::Util draw by this, where it is set, and from the same generator.
    $List::Util::RAND = sub { renew(); return CORE::rand() };
    return;
}

install();

1;
