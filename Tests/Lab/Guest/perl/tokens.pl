# Prints a token for each line that it reads, from Perl's generator.

$| = 1;
sub draw { join '', map { sprintf '%04x', int rand 65536 } 1 .. 8 }

# What is seeded once is seeded before the snapshot.
draw();
print "ready\n";
print draw(), "\n" while <STDIN>;
