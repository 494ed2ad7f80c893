# Prints for each line that it reads a token of each of these generators, in the order that they were named in.
#
#   generators.rb NAME...

require "securerandom"

GENERATORS = {
  "ruby-rand" => -> { format("%032x", rand(2**128)) },
  "ruby-securerandom" => -> { SecureRandom.hex(16) },
}.freeze

chosen = ARGV.map { |name| GENERATORS.fetch(name) }
draw = -> { chosen.map(&:call).join(" ") }

$stdout.sync = true
# What is seeded once is seeded before the snapshot.
draw.call
puts "ready"
$stdin.each_line { puts draw.call }
