# frozen_string_literal: true

# What draws from Ruby's default generator, what seeds it, and what makes a child.
module SysGenID
  # Kernel's functions, and those of Random itself.
  module Draws
    def rand(...)
      SysGenID.renew
      super
    end

    def srand(*arguments)
      SysGenID.seeding(arguments) { super }
    end
  end

  # What Random has besides.
  module RandomDraws
    def bytes(...)
      SysGenID.renew
      super
    end

    def random_number(...)
      SysGenID.renew
      super
    end

    def seed
      SysGenID.renew
      super
    end
  end

  # What arrays draw by themselves.
  module ArrayDraws
    def sample(...)
      SysGenID.renew
      super
    end

    def shuffle(...)
      SysGenID.renew
      super
    end

    def shuffle!(...)
      SysGenID.renew
      super
    end
  end

  # Each way to fork comes by this one.
  module Forks
    def _fork
      child = super
      SysGenID.forked if child.zero?
      child
    end
  end

  # As methods of each object they are private.
  ObjectDraws = Draws.clone
  ObjectDraws.send(:private, :rand, :srand)
  private_constant :Draws, :RandomDraws, :ArrayDraws, :Forks, :ObjectDraws

  Kernel.prepend(ObjectDraws)
  Kernel.singleton_class.prepend(Draws)
  Random.singleton_class.prepend(Draws, RandomDraws)
  Array.prepend(ArrayDraws)
  Process.singleton_class.prepend(Forks)
end
