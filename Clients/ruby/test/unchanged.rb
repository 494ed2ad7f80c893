# What a program may rely on is as it was. SYSGENID_DEVICE names a device of this test alone.

def require_that(what, holds)
  abort("not so: #{what}") unless holds
end

trigger = -> { File.open(ENV.fetch("SYSGENID_DEVICE"), File::RDONLY | File::NONBLOCK) { |file| file.ioctl(0xE403, 0) } }

srand(42)
known = [rand, rand(10), [1, 2, 3].shuffle, Random.bytes(4)]
require_that "srand gives the seed before", srand(42) == 42
trigger.call
require_that "what is seeded on purpose is left alone", [rand, rand(10), [1, 2, 3].shuffle, Random.bytes(4)] == known
require_that "a generator of one's own is, too", [1, 2, 3].shuffle(random: Random.new(1)) == [1, 2, 3].shuffle(random: Random.new(1))
require_that "rand is private", Object.private_method_defined?(:rand) && !Object.method_defined?(:rand)
require_that "a wrong number of arguments is refused", begin
  rand(1, 2)
rescue ArgumentError => e
  e.message.include?("given 2, expected 0..1")
end
Warning[:experimental] = false
require_that "ractors draw", Ractor.new { [rand, [1, 2].sample, Random.rand] }.take.length == 3

reader, writer = IO.pipe
process = fork do
  first = Marshal.load(Marshal.dump([rand]))
  trigger.call
  writer.puts(first == [rand] ? "same" : "other")
end
Process.wait(process)
require_that "a child is seeded by the system", reader.gets == "other\n"

drawn = Array.new(8) { [] }
changes = Thread.new { 100.times { trigger.call } }
srand
threads = drawn.map { |numbers| Thread.new { 1000.times { numbers << rand(1 << 64) } } }
[changes, *threads].each(&:join)
require_that "threads draw while changes come", drawn.flatten.uniq.length == 8000
require_that "there is no thread of its own", Thread.list == [Thread.main]
puts "as it was"
