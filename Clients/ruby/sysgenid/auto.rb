# frozen_string_literal: true

# Has unchanged Ruby programs draw other numbers after a resume or clone of the system: RUBYOPT=-rsysgenid/auto.
#
# Whatever draws from Ruby's default generator compares the generation first, by a look at the mapped page, and seeds anew
# at another one. What a program has seeded on purpose is left alone.
module SysGenID
  SET_WATCHER_TRACKING = 0xE401
  PAGE_SIZE = 4096
  MODE = File::RDONLY | File::NONBLOCK | File::NOFOLLOW
  WORD = [1].pack("L").getbyte(0) == 1 ? :u32 : :U32
  private_constant :SET_WATCHER_TRACKING, :PAGE_SIZE, :MODE, :WORD

  class << self
    # Seeds anew where the generation is another one. Another ractor than the first has a generator of its own, which is
    # left alone: it cannot see the page.
    def renew
      return unless @ractor.equal?(Ractor.current)

      now = @page.get_value(WORD, @offset)
      return if now == @generation

      @seed.call unless @is_seeded
      @generation = now
    end

    # The program seeds: with something of its own, or anew.
    def seeding(arguments)
      return yield unless @ractor.equal?(Ractor.current)

      now = @page.get_value(WORD, @offset)
      result = yield
      @is_seeded = !arguments.empty? && !@renews_seeded
      @generation = now
      result
    end

    # Ruby has seeded the generator of a child anew.
    def forked
      @is_seeded = false
    end

    def install
      return unless defined?(IO::Buffer) && map_page

      @ractor = Ractor.current
      @generation = @page.get_value(WORD, @offset)
      @is_seeded = false
      @renews_seeded = setting("SYSGENID_SEEDED", "keep") == "renew"
      @seed = Random.method(:srand)
      require "sysgenid/draws"
    end

    private

    # A variable of the environment, which a program with more privileges than its user has not.
    def setting(name, usual)
      is_raised = Process.uid != Process.euid || Process.gid != Process.egid
      is_raised || ENV.fetch(name, "").empty? ? usual : ENV[name]
    end

    def published(name, &block)
      File.open("#{setting("SYSGENID_RUNTIME_DIR", "/run/sysgenid")}/#{name}", MODE, &block)
    end

    # Whether what is published is about the open device.
    def published?(opened)
      named = File.stat(published("device") { |file| file.sysread(4096) }.chomp)
      return named.chardev? && opened.rdev == named.rdev if opened.chardev?

      opened.dev == named.dev && opened.ino == named.ino
    rescue SystemCallError, EOFError, ArgumentError
      false
    end

    def published_offset
      offset = Integer(published("page_offset") { |file| file.sysread(8) }.chomp, 10)
      offset if offset.between?(0, PAGE_SIZE - 4)
    rescue Errno::ENOENT
      0
    end

    # Nobody but root may have been able to write to it, and it has to be whole.
    def safe?(status)
      status.file? && status.uid.zero? && (status.mode & 0o022).zero? && status.size >= PAGE_SIZE
    end

    # What the daemon publishes comes first: that goes on with the next daemon on any kernel, and is no watcher. Before
    # Linux 6.9 a mapping of the device does not, which is known by its having no file position.
    def map_page
      path = setting("SYSGENID_DEVICE", "/dev/sysgenid")
      File.open(path, File::RDONLY | File::NONBLOCK) do |device|
        device.ioctl(SET_WATCHER_TRACKING, 0)
        if published?(device.stat)
          @offset = published_offset
          published("page") { |page| @page = map(page) if @offset && safe?(page.stat) }
        else
          device.sysseek(0, IO::SEEK_CUR) unless device.stat.chardev?
          @offset = 0
          @page = map(device)
        end
      end
      @page
    rescue SystemCallError, EOFError, ArgumentError
      nil
    end

    # Ruby warns of what may change in later versions.
    def map(file)
      warns = Warning[:experimental]
      Warning[:experimental] = false
      IO::Buffer.map(file, PAGE_SIZE, 0, IO::Buffer::READONLY)
    ensure
      Warning[:experimental] = warns
    end
  end

  install
end
