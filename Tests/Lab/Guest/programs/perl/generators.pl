# Prints for each line that it reads a token of each of these generators, in the order that they were named in.
#
#   generators.pl NAME...

use strict;
use warnings;

my %generators = (
    'perl-rand' => sub { join '', map { sprintf '%08x', rand 2**32 } 1 .. 4 },
);
my @chosen = map { $generators{$_} or die "there is no generator $_\n" } @ARGV;
sub draw { join ' ', map { $_->() } @chosen }

$| = 1;
# What is seeded once is seeded before the snapshot.
draw;
print "ready\n";
print draw, "\n" while <STDIN>;
