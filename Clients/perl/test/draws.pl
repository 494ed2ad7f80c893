# A program that knows nothing of a client: it draws, and makes two copies of itself, which draw when they are told so.
# Perl does nothing at a fork, and so a child is like a clone.
use strict;
use warnings;
use List::Util qw(shuffle);

my ($kind) = @ARGV;
my %draws = (
    'rand' => sub { rand },
    'rand-of' => sub { rand 1000 },
    'rand-and-more' => sub { (rand() + 5) . '-' . int rand 10 ** 9 },
    'shuffle' => sub { join ',', shuffle 1 .. 100 },
    'seeded' => sub { rand },
    'seeded-shuffle' => sub { join ',', shuffle 1 .. 100 },
    'seeded-again' => sub { rand },
);
srand 42 if $kind =~ /^seeded/;
srand if $kind eq 'seeded-again';

sub draw { syswrite STDOUT, $draws{$kind}->() . "\n" }

draw();
my @copies = map {
    my $process = fork // die;
    if (!$process) {
        my $byte = '';
        1 while sysread(STDIN, $byte, 1) && $byte ne "\n";
        draw();
        exit;
    }
    $process;
} 1 .. 2;
for (@copies) { waitpid $_, 0; die if $? }
